#!/bin/sh
# ss-setpin: a PIN changed by who knows it; which PINs are refused, tries that
# are counted, the last one that is not taken, and runs that are cut short.
# shellcheck disable=SC2317 # reached by way of status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

setpin() { # CARD PINS [OPTION...]: PINs with a space between
	_card=$1
	echo "$2" | tr ' ' '\n' >pins
	shift 2
	secret at "$NOW" ss-setpin -o zhang --station c1 -r "soft:$_card" \
	    --pin-fd 4 "$@" 4<pins
}
run() { # STATUS CARD PINS [OPTION...]
	_want=$1
	shift
	status "status of ss-setpin $*" "$_want" setpin "$@"
}
card() { # ID BIRTH [JQ [OPTION...]]: collected, ID.jsonl and ID.chip
	approved "$1" "$(citizen 110101 "$2" 881)" "${3:-}"
	chip "$1.chip" --serial "$2"
	encode "$1.chip" "$1.jsonl" | collect >made && mv made "$1.jsonl"
}
tries() { # CARD: what it has left, and what the register thinks
	_chip=$(ss-softcard show "$1" | jq -r '.reset + .identifier[:24]')
	ss-softcard show "$1" | jq -r .pin.tries
	ss-registry export | jq -r --arg c "$_chip" 'select(.table == "tries"
	    and .chip == $c and .secret == "PIN") | .remaining'
}
left() { # CARD
	tries "$1" | xargs
}
sent() { # TRACE: VERIFY, CHANGE PIN, reload and unblock, as they went out
	jq -r 'select(.c) | .c[:8]' "$1" |
	    grep -E '^(00200000|805E0100|842400)' | xargs
	rm "$1"
}
pin() { # ID [MEMBER]: what the register has
	now "$1" | jq -c ".pin$2"
}
known() { # PIN CARD: whether it is the card's, asked of a copy
	rm -rf copy && cp -r "$2" copy && mkdir -p ask && cp registry.db* ask
	setpin copy "$1 90817263" -q -g "$W/ask/registry.db" --force \
	    >/dev/null 2>&1
}
cp -r "$SSCARD_DATA" data
chmod -R u+w data
policy() { # MEMBERS
	echo "$1" >data/policies/1101.json
}

# --- states
approved O "$(citizen 110101 19900307 880)"
card A 19900308
jq -c 'del(.collection) | .state = "made"' A.jsonl >in
run 0 A.chip '123456 58291730' O.jsonl
is 'one without a card passes' "$(cmp out O.jsonl && cat err)" \
    'ss-setpin: 1 record: 1 passed untouched'
run 2 A.chip '' --reset --unblock A.jsonl
run 2 A.chip '' --attest likeness A.jsonl
run 2 A.chip '' -j 2 A.jsonl

# --- changed, by a card that nobody has yet brought into use
run 0 A.chip '123456 58291730' -n --trace trace A.jsonl
is 'a dry run sends nothing' "$(sent trace) $(left A.chip) $(pin A)" \
    ' 6 null'
run 0 A.chip '123456 58291730' --trace trace A.jsonl
is 'changed' "$(jq -c '[.state, .pin, .collector]' out)" '["collected",{'\
'"time":"2026-03-02T01:00:00Z","by":"zhang","station":"c1","kind":"change",'\
'"changed":"2026-03-02T01:00:00Z"},null]'
is 'and shown to be so' "$(sent trace) $(left A.chip)" '805E0100 00200000 6 6'
like 'the tries are told before' "$(head -n 1 err)" \
    '^ss-setpin: 6 of 6 tries are left, as far as is known$'
is 'the register has what went out' "$(now A)" "$(jq -cS . out)"
cp out A.jsonl
run 1 A.chip '123456 58291731' A.jsonl
is 'not by the initial one again' "$(said)" \
    'auth: the PIN: wrong PIN or key, 5 tries left, SW 63C5'
run 0 A.chip '58291730 4710'
is 'the card first; a shorter one' "$(jq -r .id out) $(left A.chip)" 'A 6 6'
run 0 A.chip '4710 1029384756473829' A.jsonl
is 'and the longest' "$(left A.chip)" '6 6'
run 0 A.chip '1029384756473829 58291730' A.jsonl

# --- what is no PIN, or no new one
run 1 A.chip '' A.jsonl
is 'none' "$(said)" 'invalid: old PIN: it is empty'
for pins in '582 1' '58291730 719' '58291730 71a9' '58291730 7194-' \
    '5829173o 71942638'; do
	run 1 A.chip "$pins" --trace trace A.jsonl
	like 'no PIN' "$(said)" '^invalid: the (old|new) PIN: 4 to 16 digits'
	is 'is not sent' "$(sent trace)" ''
done
run 1 A.chip '58291730 71942638719426387' A.jsonl
like 'too long' "$(said)" '^invalid: new PIN: more than 16 bytes'
run 1 A.chip '58291730' A.jsonl
is 'no new one' "$(said)" 'invalid: new PIN: there is no line of it'
run 1 A.chip '58291730 58291730' --trace trace A.jsonl
is 'the same' "$(said) $(sent trace)" \
    'policy: the new PIN is the old one; choose another '
is 'none of them took a try' "$(left A.chip)" '6 6'

# --- easy to guess: the number's digits, births and telephones are people's
n=$(citizen 110101 19900308 881)
set -- initial 123456 equal 777777 run 345678 run 987654 \
    number "$(echo "$n" | cut -c1-6)" number "$(echo "$n" | cut -c9-17)" \
    number "$(jq -r '.card.number[:8]' A.jsonl)" birth 900308 \
    birth 19900308 birth 080390 birth 0308 phone 800138 phone 13800138000
export SSCARD_DATA="$W/data"
while [ $# -gt 0 ]; do
	policy "{\"pin\": {\"weak\": [\"$1\"]}}"
	run 1 A.chip "58291730 $2" --trace trace A.jsonl
	is "weak: $1" "$(said) $(sent trace)" "policy: the new PIN is too \
easy to guess (pin.weak: $1); choose another "
	shift 2
done
policy '{"pin": {"weak": []}}'
run 1 A.chip '58291730 123456' A.jsonl
like 'the card itself refuses the initial one' "$(said)" \
    '^invalid: the card refuses the new PIN; choose another'
is 'which takes no try, and leaves nothing open' \
    "$(left A.chip) $(pin A .begun)" '6 6 null'
run 0 A.chip '58291730 777777' A.jsonl
run 0 A.chip '777777 58291730' A.jsonl
policy '{"pin": {"weak": ["simple"]}}'
run 1 A.chip '58291730 71942638' A.jsonl
like 'a kind that is none' "$(said)" '^policy: .*1101.json: pin.weak'
policy '{}'

# --- wrong ones, down to the last but one
for n in 5 4 3 2 1; do
	run 1 A.chip '58291731 71942638' A.jsonl
	is "wrong, $n left" "$(said) $(left A.chip)" 'auth: the PIN: wrong '\
"PIN or key, $n $([ $n = 1 ] && echo try || echo tries) left, SW 63C$n $n $n"
	like 'it was told how many there were' "$(cat err)" \
	    "^ss-setpin: $((n + 1)) of 6 tries are left"
done
run 1 A.chip '58291730 71942638' --trace trace A.jsonl
is 'nothing is sent on the last one' "$(sent trace) $(left A.chip)" ' 1 1'
is 'and what to do is said' "$(said)" 'blocked: 1 of 6 tries are left, and '\
'nothing was sent; run ss-setpin --reset, or say --force'
run 0 A.chip '58291730 71942638' --force A.jsonl
is 'forced' "$(left A.chip)" '6 6'
for n in 5 4 3 2 1 0; do
	setpin A.chip '58291731 58291730' -q --force A.jsonl >out
done
is 'forced to the end' "$(said) $(left A.chip)" \
    'blocked: the PIN: wrong PIN or key, no try left, SW 63C0 0 0'
run 1 A.chip '71942638 58291730' --force --trace trace A.jsonl
is 'blocked' "$(said) $(sent trace)" 'blocked: the PIN is blocked; nothing '\
'was sent; run ss-setpin --reset or --unblock '

# --- runs that are cut short
card B 19910308
setpin B.chip '123456 58291730' -q --trace trace B.jsonl >B
change=$(jq -r 'select(.c) | .c[:8]' trace | grep -n 805E0100 | cut -d: -f1)
rm trace
old=58291730 new=71942638
for hook in leave-before leave mute; do
	[ $hook = mute ] && export FAKETIME_DONT_FAKE_MONOTONIC=1
	for k in $((change - 1)) $change $((change + 1)); do
		ss-softcard hook B.chip "--$hook" "$k"
		_want=1
		[ $hook = mute ] && _want=3
		run $_want B.chip "$old $new" --timeout 1 B
		is "$hook at $k" "$(jq -r .error.code out)" reader
		ss-softcard hook B.chip --clear
		run 0 B.chip "$old $new" B
		is 'the next one ends it' "$(left B.chip) $(pin B .begun)
$(known "$new" B.chip || echo no)" '6 6 null
'
		set -- "$old" "$new"
		old=$2 new=$1
	done
done
ss-softcard hook B.chip --leave "$change"
run 1 B.chip "$old $new" B
is 'the register knows of it' "$(pin B .begun)" true
run 1 B.chip "$old 60718293" B
is 'another new one: neither is right' "$(said) $(left B.chip) $(pin B .begun)" \
    'auth: the PIN: wrong PIN or key, 4 tries left, SW 63C4 4 4 true'
run 0 B.chip "$new 60718293" B
is 'the one that it has' "$(left B.chip)" '6 6'
ss-softcard hook B.chip --leave "$change"
run 1 B.chip '60718293 58291730' B
export SSCARD_OPERATOR=chen
run 0 B.chip '58291730 71942638' -o chen --station c2
is 'another one, with another PIN, in between' \
    "$(jq -r '.pin.by + .pin.begun' out) $(left B.chip)" 'chen 6 6'
run 1 B.chip '60718293 58291730' B
is 'the first one is told' "$(said) $(left B.chip)" \
    'auth: the PIN: wrong PIN or key, 5 tries left, SW 63C5 5 5'

# --- two tries are needed to see what became of it
for n in 4 3 2; do
	setpin B.chip '58291731 60718293' -q B >out
done
setpin B.chip '71942638 60718293' -q -n B >out
is 'two are left' "$(left B.chip)" '2 2'
ss-softcard hook B.chip --leave-before "$change"
run 1 B.chip '71942638 60718293' B
run 1 B.chip '71942638 60718293' --trace trace B
is 'nothing is sent' "$(said) $(sent trace)" 'blocked: 2 of 6 tries are '\
'left, and nothing was sent; run ss-setpin --reset, or say --force '
run 0 B.chip '71942638 60718293' --force B
is 'forced' "$(left B.chip) $(pin B .begun)" '6 6 null'
audit 'after all'
done_testing
