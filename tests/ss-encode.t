#!/bin/sh
# ss-encode: what stands on the card afterwards, byte for byte, and in the
# record; what is refused before a card is wanted.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

N=110101198003071239
text() { # BYTES ENCODING TEXT: hexadecimal, filled with 00
	printf %s "$3" | iconv -f UTF-8 -t "$2" | od -An -v -tx1 | tr -d ' \n' |
	    awk -v n="$1" '{ s = $0 } END { while (length(s) < 2 * n) s = s "00"
	    print s }'
}
name_on() { # CARD: both parts
	on_card "$1" EF06 | cut -d' ' -f2,3
}
feed() { # FEEDER: one without a card
	mkdir -p "$1/in" "$1/out"
}

# --- each generation, from the contents lists alone
for g in 1 2 3; do
	own_policy ".card.generation = $g"
	set -- GBK 4.00 3des
	[ $g = 3 ] && set -- GB18030 3.00 sm4
	own_policy ".card.generation = $g | .card.name_encoding = \"$1\" |
	    .card.name_extension_bytes = $([ $g = 1 ] && echo 0 || echo 20)"
	n=$(citizen 110101 1980030$g 123)
	approved a$g "$n" '| .person.ethnic = "05"'
	chip c$g --profile gen$g --serial $((16 + g))
	status "$g: a card is made" 0 encode c$g a$g.jsonl
	cp out made.$g
	is "$g: state and error" "$(jq -c '[.state, .error]' out)" \
	    '["made",null]'
	number=$(jq -r .card.number out)
	is "$g: EF05" "$(on_card c$g EF05)" "110101d1560000050000001$g$(:
	    )ffffffff 31 3${g}2e3030 110101000000000000000000 20260302 \
20360302 $(text 9 ASCII "$number")"
	rest=" $(text 20 ASCII '')"
	[ $g = 1 ] && rest=
	is "$g: EF06" "$(on_card c$g EF06)" "$(text 18 ASCII "$n") $(text 30 \
	    GBK 张三)$rest $(text 1 ASCII 1) 05 110101 1980030$g"
	is "$g: the member card" "$(jq -cS '.card | del(.apdus, .ms)' out)" \
	    "$(jq -ncS --arg number "$number" --arg g "$g" --arg cipher "$3" '
	    ("53534f5331534311010000001" + $g) as $reset |
	    ("110101d1560000050000001" + $g) as $id | {time: "2026-03-02T01:00:00Z", by: "zhou",
	    station: "m1", $number, issued: "2026-03-02", expires: "2036-03-02",
	    chip: ($reset + $id), $reset, identifier: ($id + "ffffffff"),
	    atr: ("3b6d0000" + $reset), profile: ("gen" + $g),
	    generation: ($g | tonumber), version: ($g + ".00"), $cipher}')"
	like "$g: and what it took" "$(jq -c '.card | [.apdus, .ms]' out)" \
	    '^\[[1-9][0-9]+,[0-9]+\]$'
	is "$g: the register has this record" "$(now a$g | jq -cS .)" \
	    "$(jq -cS . out)"
	is "$g: and the card" "$(row card "select(.id == \"a$g\") |
	    [.chip, .number, .stock] | join(\" \")")" \
	    "$(jq -r '.card | [.chip, .number, "made"] | join(" ")' out)"
	is "$g: no key was tried in vain" "$(tries_of c$g)" "$FULL"
	# A second run finds it done, with another card there or none.
	ss-softcard show c$g >before
	status "$g: again" 0 encode c$g a$g.jsonl
	is "$g: it is done already" "$(came)" "made $number already"
	is "$g: with the same card" "$(jq -cS .card out)" \
	    "$(jq -cS .card made.$g)"
	is "$g: which was left alone" "$(ss-softcard show c$g)" "$(cat before)"
	feed empty
	status "$g: its own output, without a card" 0 encode empty --wait 1 made.$g
	is "$g: is done already too" "$(came)" "made $number already"
done
audit 'three generations'

# --- dry run
own_policy .
approved d1 "$(citizen 110101 19810101 123)"
chip dry
ss-softcard show dry >before
ss-registry export >register
status "--dry-run" 0 encode dry --dry-run d1.jsonl
is "--dry-run: the card is as it was" "$(ss-softcard show dry)" "$(cat before)"
is "--dry-run: so is the register" "$(ss-registry export)" "$(cat register)"
status "--dry-run with a card that is not blank" 1 encode c3 -n d1.jsonl
like "is no good" "$(said)" '^state: this card is that of application a3'
is "a dry run changes nothing then" "$(ss-registry export)" "$(cat register)"

# --- names, across the two items of generation 3
name_card() { # SERIAL NAME: made, and both parts in hexadecimal
	form "n$1" "$(people 1 "$1")" | jq -c --arg n "$2" \
	    '.person.name = $n' | approve >n.jsonl
	chip "n$1" --serial "$1"
	encode "n$1" n.jsonl >out 2>err
	echo "$(came | cut -d' ' -f1) $(name_on "n$1")"
}
fifteen=一二三四五六七八九十甲乙丙丁戊
ten=己庚辛壬癸子丑寅卯辰
is "15 characters are the first item" "$(name_card 101 $fifteen)" \
    "made $(text 30 GBK $fifteen) $(text 20 GBK '')"
is "the sixteenth is the second one's" "$(name_card 102 ${fifteen}己)" \
    "made $(text 30 GBK $fifteen) $(text 20 GBK 己)"
is "25 fill both" "$(name_card 103 $fifteen$ten)" \
    "made $(text 30 GBK $fifteen) $(text 20 GBK $ten)"
is "one of four bytes does not straddle" \
    "$(name_card 104 一二三四五六七八九十甲乙丙丁𠀀)" \
    "made $(text 30 GBK 一二三四五六七八九十甲乙丙丁) $(text 20 GB18030 𠀀)"

# --- what does not fit is refused before a card is wanted
feed empty
refused() { # TEXT POLICY NAME WANT
	own_policy "$2"
	form r "$N" | jq -c --arg n "$3" '.person.name = $n' | approve >r.jsonl
	is "$1: it is approved" "$(jq -r .state r.jsonl)" approved
	status "$1: is refused" 1 timeout 10 sh -c \
	    'exec 3<passphrase; ss-encode -q -o zhou --station m1 \
	    -r soft:empty --wait 9 --passphrase-fd 3 r.jsonl'
	like "$1: saying so" "$(said)" "$4"
	is "$1: nothing is bound" \
	    "$(row job 'select(.id == "r") | .chip // "" | length')" 0
}
number_of_r() {
	row job 'select(.id == "r") | .number'
}
refused 'a name of 26' '.card.name_extension_bytes = 60' $fifteen${ten}巳 \
    '^invalid: .*name'
had=$(number_of_r)
not_ok 'no name in the message' grep -q 一二三 err
own_policy .
ss-cancel -q -o li --reason withdrawn r.jsonl >/dev/null 2>err || :
form r2 "$(people 1 77)" | jq -c '.person.name = "𠀀一"' |
    approve >r2.jsonl
own_policy '.card.generation = 2 | .card.name_encoding = "GB18030"'
status 'a character that GBK does not have' 1 encode empty --wait 1 r2.jsonl
like 'is refused' "$(said)" '^invalid: .*name'
number=$(row job 'select(.id == "r2") | .number')
like 'with a number' "$number" '^0000.....$'
not_ok 'and another than the one before' test "$number" = "$had"
own_policy .
chip r2
status 'where the generation has it' 0 encode r2 r2.jsonl
is 'the card gets the number that was kept' "$(came)" "made $number"
is 'and the name' "$(name_on r2)" \
    "$(text 30 GB18030 𠀀一) $(text 20 GBK '')"

# --- photos
own_policy '.photo.required_from_age = 30'
form p0 "$(citizen 110101 20100101 123)" | jq -c 'del(.photo)' | approve >p0.jsonl
chip p0
status 'without a photo' 0 encode p0 p0.jsonl
is 'there is none on the card' \
    "$(ss-softcard show p0 | jq -r .files.EF08 | tr -d f)" ''
own_policy .
sm3=$(jq -r .photo.sm3 d1.jsonl)
file=$(find files -type f -path "*$(echo "$sm3" | cut -c5-)*")
ok 'the file store has the photo' test -s "$file"
cp "$file" kept
chmod u+w "$file"
head -c 15000 kept >"$file"
status 'an altered photo' 1 encode empty --wait 1 d1.jsonl
like 'is found' "$(said)" '^auth: photo: the file store has another'
mv "$file" away
status 'a missing one' 1 encode empty --wait 1 d1.jsonl
like 'is said to be' "$(said)" '^missing: '
is 'nothing is bound' "$(row job 'select(.id == "d1") | .chip // ""')" ''
cp kept "$file"
status 'when it is there again' 0 encode dry d1.jsonl
ss-softcard show dry | jq -r .files.EF08 | sed 's/\(ff\)*$//' | python3 -c '
import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >photo
ok 'the reduced photo is a JPEG of at most 4096 bytes' \
    test "$(head -c 3 photo | od -An -tx1 | tr -d ' ') $(($(wc -c <photo) \
    <= 4096))" = 'ffd8ff 1'
audit 'in the end'
done_testing
