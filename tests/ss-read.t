#!/bin/sh
# ss-read: what a card says, with keys and without, by itself or against a
# record; what is wrong with it; and that nothing is changed by looking.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

for g in 1 2 3; do
	ext=20 enc=GBK
	[ $g = 1 ] && ext=0
	[ $g = 3 ] && enc=GB18030
	own_policy ".card.generation = $g | .card.name_encoding = \"$enc\" |
	    .card.name_extension_bytes = $ext"
	approved a$g "$(citizen 110101 1980030$g 123)" \
	    "$([ $g = 3 ] && echo '| .person.name = "一二三四五六七八九十甲乙丙丁𠀀"')"
	chip c$g --profile gen$g --serial $g
	encode c$g a$g.jsonl >made.$g
done
own_policy .
public() { # CARD [OPTION...]: without keys, with the register
	_card=$1
	shift
	(
		unset SSCARD_KEYS
		at "$NOW" ss-read -r "soft:$_card" "$@"
	)
}
get() { # JQ
	jq -c "$1" out
}
is 'three cards' "$(cat made.? | jq -r .state | xargs)" 'made made made'

# --- by itself
for g in 1 2 3; do
	ss-softcard show c$g >before
	ss-registry export >register
	status "$g: without keys" 0 public c$g
	cp out public.$g
	is "$g: not proven genuine" "$(get '[.read.genuine, .read.blank]')" \
	    '[false,false]'
	holder='["name","social_number"]'
	[ $g = 3 ] && holder=null
	is "$g: the holder where anybody may read" "$(get '.read.holder |
	    if . then [keys[] | select(. == "name" or . == "social_number")]
	    else null end')" "$holder"
	is "$g: no photo without keys" "$(get .read.photo)" null
	is "$g: the record is the register's" "$(jq -cS 'del(.read)' out)" \
	    "$(now a$g | jq -cS .)"
	status "$g: with keys" 0 read_card c$g --raw --photo photo.$g
	is "$g: genuine" "$(get '[.read.genuine, .read.blank, .read.faults,
	    .read.application, .read.status]')" \
	    "[true,false,[],\"a$g\",\"dormant\"]"
	is "$g: card and holder are the record's" "$(get '.read | [.number,
	    .issued, .expires, .chip, .identifier, .atr, .version, .cipher,
	    .holder.social_number, .holder.name, .holder.sex,
	    .holder.birth_date, .holder.birthplace]')" "$(jq -c '[(.card |
	    .number, .issued, .expires, .chip, .identifier, .atr, .version,
	    .cipher), (.person | .social_number, .name, .sex, .birth_date),
	    "110101"]' made.$g)"
	is "$g: --raw is what stands there" "$(jq -cS '.read.raw | .[] |=
	    (strings // [.[]])' out)" "$(jq -cS '.files | .[] |= (strings //
	    [.[] | .[4:]])' before)"
	if [ $g = 1 ]; then
		not_ok '1: no photo' test -e photo.1
	else
		is "$g: the photo is the card's" \
		    "$(od -An -v -tx1 photo.$g | tr -d ' \n')" \
		    "$(jq -r .files.EF08 before | sed 's/\(ffd9\)f*$/\1/')"
		is "$g: its size" "$(get .read.photo.bytes)" \
		    "$(wc -c <photo.$g)"
		is "$g: for its owner alone" "$(stat -c %a photo.$g)" 600
	fi
	is "$g: the card is as it was" "$(ss-softcard show c$g)" "$(cat before)"
	is "$g: so is the register" "$(ss-registry export)" "$(cat register)"
done

# --- against a record
for g in 1 2 3; do
	status "$g: its record" 0 read_card c$g made.$g
	is "$g: the same" "$(get '[.read.faults, .error]')" '[[],null]'
done
status 'the record of another' 1 read_card c3 made.2
like 'is told, with the right identifier' "$(said)" \
    '^state: the card .* is not that of this record; .*110101d15600000500000002'
status 'a record without a card' 1 read_card c3 -g none a3.jsonl
like 'is told' "$(said)" '^state: the record has no card yet'
jq -c '.person.name = "李四"' made.3 >changed
status 'a record that was altered' 1 read_card c3 changed
like 'is told' "$(said)" '^auth: member person is not what the register has'
status 'also without a register' 1 read_card c3 -g none changed
like 'by the card' "$(said)" "^auth: the card's person.name is not that of the record"
is 'what the card said is there' "$(get .error.read.faults)" \
    '["name-differs"]'
not_ok 'no name on standard error' grep -q 李四 err

# --- a card that was altered
alter() { # CARD PROFILE FILE ITEM HEX: on the card, by the file of its memory
	python3 - "$1" "$(ss-softcard show "$1" | jq -r ".files.$2[\"$3\"]")" \
	    "$4" <<'END'
import sys
path, old = sys.argv[1] + '/memory', bytes.fromhex(sys.argv[2])
new = old[:2] + bytes.fromhex(sys.argv[3]).ljust(len(old) - 2, b'\0')
data = open(path, 'rb').read()
assert data.count(old) == 1 and len(new) == len(old)
open(path, 'r+b').write(data.replace(old, new))
END
}
altered() { # ITEM OF FILE HEX FAULTS ERROR
	rm -rf x
	cp -R c3 x
	alter x "$1" "$2" "$3"
	read_card x >out 2>err
	is "$2 altered: faults" "$(jq -c '.read // .error.read | .faults' \
	    out)" "$4"
	like "$2 altered: error" "$(said)" "$5"
}
altered EF05 number 303030303030303137 '["number","number-differs"]' \
    "^auth: the card's card.number"
altered EF05 expires 20200302 '["dates","expired","expires-differs"]' \
    "^auth: the card's card.expires"
altered EF05 expires 20361302 '["dates","expires-differs"]' '^auth'
altered EF05 issued 20260303 '["not-yet-valid","issued-differs"]' '^auth'
altered EF06 social-number 313130313031313938303033303331323331 \
    '["social-number","social-number-differs"]' \
    "^auth: the card's person.social_number"
altered EF06 name d5c5c8fd '["name-differs"]' "^auth: the card's person.name"
altered EF06 sex 32 '["sex-differs"]' "^auth: the card's person.sex"
altered EF06 birth-date 19800304 '["birth-date-differs"]' '^auth'

# --- its days
status 'ten years later' 0 secret faketime -f '2036-03-03 01:00:00' \
    ss-read -r soft:c3
is 'it has expired' "$(get .read.faults)" '["expired"]'
status 'on the last day' 0 secret at '2036-03-02 15:59:00' \
    ss-read -r soft:c3
is 'not yet' "$(get .read.faults)" '[]'
status 'on the day before it is issued' 0 secret at '2026-03-01 15:59:00' \
    ss-read -r soft:c3
is 'it is not valid yet' "$(get .read.faults)" '["not-yet-valid"]'

# --- other cards
chip blank --serial 90
status 'a blank one' 0 read_card blank
is 'is blank' "$(get '[.read.genuine, .read.blank, .read.number,
    .read.holder, .read.photo, .read.faults, .id]')" \
    '[true,true,null,null,null,[],null]'
ss-apply -q -g "sqlite:$W/other.db" </dev/null
status 'one that the register does not know' 0 read_card c3 \
    -g "sqlite:$W/other.db"
is 'is told' "$(get '[.read.faults, .read.number, .id]')" \
    "[[\"not-in-register\"],$(jq -c .card.number made.3),null]"
status 'without a register' 0 read_card c3 -g none
is 'nothing is missed' "$(get '[.read.faults, .read.status]')" '[[],null]'
ss-softcard new away --region 440300 --serial 5
status "another city's, with our keys" 1 read_card away
like 'the key is missing' "$(said)" '^missing: .*440300'
status 'and without' 0 public away
chip v2 --key-version 2 --serial 91
status 'a card that is not genuine' 1 read_card v2
like 'is told' "$(said)" '^auth: the card is not genuine'
ss-softcard hook c3 --leave 20
cat made.3 made.3 >twice
status 'one that leaves' 1 read_card c3 twice
is 'fails its record alone' "$(came)" 'reader,made 000000035'
like 'has left' "$(said)" '^reader: .*left'
ss-softcard hook c3 --mute 20
status 'one that falls silent' 3 read_card c3 --timeout 1
is 'its record is out' "$(came)" reader
is 'and again' "$(read_card c3 | jq -c .read.faults)" '[]'
mkdir -p none/in none/out
status 'no card' 3 read_card none --wait 1
like 'is told' "$(said)" '^reader: no card came'
status 'two jobs' 2 read_card c3 -j 2
audit 'in the end'
done_testing
