#!/bin/sh
# ss-report-loss --lock and --unlock: the chip blocked and opened again, runs
# that are cut short, cards that turn up, and keys that the card refuses.
# shellcheck disable=SC2317 # reached by way of status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

chip_work() { # COMMAND CARD [OPTION...]
	_command=$1
	_card=$2
	shift 2
	secret at "$NOW" "$_command" -o zhang --station c1 -r "soft:$_card" "$@"
}
loss() { # STATUS CARD [OPTION...]
	_want=$1
	shift
	status "status of ss-report-loss $*" "$_want" chip_work \
	    ss-report-loss "$@"
}
report() { # KIND ID
	at "$NOW" ss-report-loss -q --kind "$1" "$2.jsonl"
}
card() { # ID SERIAL [JQ [OPTION...]]: in use
	approved "$1" "$(citizen 110101 19900307 "$2")"
	chip "$1.chip" --serial "$2"
	encode "$1.chip" "$1.jsonl" | collect >made
	chip_work ss-activate "$1.chip" -q --attest identity made >"$1.jsonl"
}
stand() { # ID: the card's status, loss.locked, the chip's own state
	where "$1" | jq -r .status
	now "$1" | jq -r '.loss.locked // "-" | .[:10]'
	ss-softcard show "$1.chip" | jq -r .state
}
at_is() { # TEXT ID WANT
	is "$1" "$(stand "$2" | xargs)" "$3"
}
events() {
	ss-registry history "$1" | wc -l
}
policy() { # MEMBERS
	echo "$1" >data/policies/1101.json
}
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"

# --- the story
for n in 1 2 3 4 5; do
	card "$(echo $n | tr 1-5 A-E)" 88$n
done
loss 2 A.chip --lock --unlock A.jsonl
loss 2 A.chip --lock --kind formal A.jsonl
loss 2 A.chip --kind formal --attest identity A.jsonl
loss 0 A.chip -n --lock A.jsonl
at_is 'a dry run' A 'normal - open'
loss 1 B.chip --lock A.jsonl
is 'the card of another' "$(said)" 'state: the card in the reader is that of '\
'application B, not of this record'
loss 0 A.chip --lock A.jsonl
at_is 'locked' A 'locked 2026-03-02 blocked'
is 'what went out' "$(jq -c '[.state, .loss]' out)" '["active",{"time":'\
'"2026-03-02T01:00:00Z","by":"zhang","station":"c1","kind":"lock","channel":'\
'"counter","status":"locked","locked":"2026-03-02T01:00:00Z"}]'
is 'is in the register' "$(now A)" "$(jq -cS . out)"
n=$(events A)
loss 0 A.chip --lock
is 'again, the card first: already' "$(jq -c .already out) $(events A)" "true $n"
status 'ss-setpin' 1 chip_work ss-setpin A.chip --reset --attest identity \
    --pin-fd 4 A.jsonl 4</dev/null
like 'a locked card has its PIN as it is' "$(said)" '^state: the card is '\
'locked, which "set-pin" does not begin from'
approved Z "$(citizen 110101 19900307 899)"
status 'ss-encode' 1 encode A.chip Z.jsonl
like 'nor is it made anew' "$(said)" '^blocked: the card.s application is blocked'
loss 1 A.chip --unlock A.jsonl
like 'nobody is identified' "$(said)" '^policy: who stands at the counter'
loss 0 A.chip --unlock -n --attest identity A.jsonl
at_is 'a dry run' A 'locked 2026-03-02 blocked'
loss 0 A.chip --unlock --attest identity A.jsonl
at_is 'opened' A 'normal - open'
is 'by whom' "$(jq -c '[.loss.kind, .loss.identified, .loss.status]' out)" \
    '["unlock","attested","normal"]'
loss 0 A.chip --unlock --attest identity A.jsonl
is 'again: already' "$(jq -c .already out)" true

# --- between register and card
last_of() { # OPTION: the number of the order's command
	rm -rf copy aside && mkdir aside && cp registry.db* aside
	cp -r A.chip copy
	rm -f trace
	chip_work ss-report-loss copy -q -g "$W/aside/registry.db" "$@" \
	    --trace trace A.jsonl >copy.out
	jq -r 'select(.c) | .c[:4]' trace | grep -nE '^84(1E|18)' | cut -d: -f1
}
k=$(last_of --lock)
for hook in leave-before leave; do
	ss-softcard hook A.chip --$hook "$k"
	loss 1 A.chip --lock A.jsonl
	at_is "$hook at the order" A "locked 2026-03-02 $(
	    [ $hook = leave ] && echo blocked || echo open)"
	ss-softcard hook A.chip --clear
	loss 0 A.chip --lock A.jsonl
	at_is 'again: so it is' A 'locked 2026-03-02 blocked'
	j=$(last_of --unlock --attest identity)
	ss-softcard hook A.chip --$hook "$j"
	loss 1 A.chip --unlock --attest identity A.jsonl
	at_is "$hook at the other one" A "normal - $(
	    [ $hook = leave ] && echo open || echo blocked)"
	ss-softcard hook A.chip --clear
	loss 0 A.chip --unlock --attest identity A.jsonl
	at_is 'again: open' A 'normal - open'
done
ss-softcard hook A.chip --leave-before "$k"
loss 1 A.chip --lock A.jsonl
loss 0 A.chip --unlock --attest identity A.jsonl
at_is 'or opened at once' A 'normal - open'

# --- a card that turns up
report formal B >lost
status 'ss-read' 0 chip_work ss-read B.chip
at_is 'is not locked without the policy' B 'lost - open'
policy '{"loss": {"lock_found": true}}'
status 'ss-read -n' 0 chip_work ss-read B.chip -n
at_is 'nor by a dry run' B 'lost - open'
status 'ss-read without keys' 0 env -u SSCARD_KEYS faketime -f "$NOW" ss-read \
    -r soft:B.chip
at_is 'nor without keys' B 'lost - open'
status 'ss-read' 0 chip_work ss-read B.chip
at_is 'is locked with it' B 'lost 2026-03-02 blocked'
like 'and said to be' "$(jq -c .read out)" 'locked-as-lost'
n=$(events B)
status 'ss-read' 0 chip_work ss-read B.chip
is 'once' "$(events B)" "$n"
report temporary C >lost
status 'ss-activate' 1 chip_work ss-activate C.chip
at_is 'also by ss-activate' C 'temporarily-lost 2026-03-02 blocked'
policy '{}'
report formal D >lost
loss 0 D.chip --lock D.jsonl
at_is 'and by hand' D 'lost 2026-03-02 blocked'
report release B >released
at_is 'released: the chip is locked' B 'normal 2026-03-02 blocked'
status 'ss-setpin' 1 chip_work ss-setpin B.chip --reset --attest identity \
    --pin-fd 4 B.jsonl 4</dev/null
like 'which is said' "$(said)" '^blocked: the card.s application is blocked'
loss 0 B.chip --unlock --attest identity B.jsonl
at_is 'until it is opened' B 'normal - open'
loss 1 D.chip --unlock --attest identity D.jsonl
is 'one that is lost is not opened' "$(said)" \
    'state: the card is lost, which "unlock" does not begin from'
report formal C >lost
at_is 'what was locked stays so' C 'lost 2026-03-02 blocked'
at '2026-03-13 01:00:00' ss-report-loss -q --kind temporary A.jsonl >lost
status 'later' 0 secret at '2026-03-29 01:00:00' ss-report-loss -q --lock \
    -r soft:A.chip A.jsonl
at_is 'a report that has lapsed' A 'locked 2026-03-29 blocked'
loss 0 A.chip --unlock --attest identity A.jsonl

# --- keys that the card refuses
bad() { # KEY: another one
	head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >component
	head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >other
	printf '%s\n%s\n' "$(cat component)" "$(cat other)" >components
	secret ss-key import -q -R 110100 --key "$1" --cipher sm4 --level city \
	    --replace --component-fd 4 4<components >out 2>err || cat err >&2
}
sent() { # what went out beyond reading
	jq -r 'select(.c) | .c[:8]' trace | grep -E '^(0082|84)' |
	    grep -v 0082000A | xargs
	rm -f trace
}
cp keys keys.good
rm -f trace
bad BK
loss 1 E.chip --lock --trace trace E.jsonl
is 'a wrong BK' "$(said)" 'auth: EXTERNAL AUTHENTICATE with BK: wrong PIN '\
'or key, 2 tries left, SW 63C2'
is 'is tried once' "$(sent)" '00820005'
at_is 'and nothing is changed' E 'normal - open'
loss 1 E.chip --lock --trace trace E.jsonl
is 'and not again' "$(said) $(sent)" 'auth: this card refused key BK before, '\
'and 2 of 3 tries are left: nothing was sent; mend the key store, then say '\
'--force '
loss 1 E.chip --lock --force --trace trace E.jsonl
is 'unless forced' "$(sent)" '00820005'
loss 1 E.chip --lock --trace trace E.jsonl
like 'on the last one' "$(said)" '^blocked: .* 1 of 3 tries are left'
cp keys.good keys
loss 0 E.chip --lock --force E.jsonl
at_is 'the right one again' E 'locked 2026-03-02 blocked'
is 'has its tries back' "$(ss-softcard show E.chip | jq .tries.BK)" 3
cp keys keys.good
bad STK
for n in 2 1; do
	loss 1 E.chip --unlock --attest identity E.jsonl
	like "a wrong MAC, $n left" "$(said)" 'SW 6988$'
	at_is 'the register is ahead' E 'normal - blocked'
done
loss 1 E.chip --unlock --attest identity E.jsonl
like 'the third one locks it for good' "$(said)" \
    '^blocked: .*locked for good, SW 9303$'
cp keys.good keys
loss 1 E.chip --unlock --attest identity E.jsonl
like 'which is named' "$(said)" '^blocked: .*locked for good'
audit 'after all'
done_testing
