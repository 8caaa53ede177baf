#!/bin/sh
# shellcheck disable=SC2317 # reached by way of ok
# PIN and locks over a real PC/SC stack, each side with another's other side:
# client.py on a card that ss-encode made, ss-setpin and --lock on card.py.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"
pcsc_init 1

words() { # STEP...: their status words
	client 1 "$@" | jq -r '.sw // .error // "-"' | xargs
}
approved A "$(citizen 110101 19900307 881)"
chip A.chip --serial 1
encode A.chip A.jsonl >made
ss-softcard insert A.chip --port "$(pcsc_port 1)" >inserted 2>&1
pcsc_wait 1 present
is 'the PIN of a card of ours' "$(words verify 123456 change 123456 58291730 \
    verify 123456 reload 71942638 verify 71942638)" '9000 9000 63c5 9000 9000'
is 'its locks' "$(words verify 111111 unblock-pin verify 71942638 lock \
    verify 71942638 unlock verify 71942638)" \
    '63c5 9000 9000 9000 6a81 9000 9000'
ss-softcard eject A.chip
pcsc_wait 1 gone

# A card.py card is made by ss-encode, and ours does the rest.
card_in 1 --generation 3 --serial 7 --region 110101
work() { # COMMAND...
	FAKETIME_DONT_FAKE_MONOTONIC=1 secret at "$NOW" timeout 20 "$@"
}
approved B "$(citizen 110101 19900307 882)"
ok 'made' work ss-encode -q -o zhou -r "pcsc:$(pcsc_reader 1)" B.jsonl
collect <out >B.jsonl
ok 'brought into use' work ss-activate -q --attest identity
printf '123456\n58291730\n' >pins
ok 'its PIN changed' work ss-setpin -q --pin-fd 4 4<pins
is 'so says the other client' "$(words verify 58291730)" 9000
echo 71942638 >pins
ok 'given anew' work ss-setpin -q --reset --attest identity --pin-fd 4 4<pins
is 'so it is' "$(words verify 71942638)" 9000
ok 'locked' work ss-report-loss -q --lock
is 'so it is' "$(words verify 71942638)" 6a81
is 'and opened by the other one' "$(words unlock verify 71942638)" '9000 9000'
done_testing
