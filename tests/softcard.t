#!/bin/sh
# Software cards in a virtual reader of a real PC/SC stack, by clients that
# share nothing with them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"

pcsc_init 2
first=$(pcsc_port 1)
second=$(pcsc_port 2)
name=d5c5c8fd0000000000000000000000000000000000000000000000000000
everything="genuine auth 0A auth 04 write EF06 2 $name read EF05 read EF06
	binary EF08 0 ffd8ffe000 verify 123456 change 123456 654321
	reload 135790 verify 135790 verify 000000 unblock-pin lock"

# The steps that a card refused, and why.
refused() {
	jq -r 'select((.sw // "9000") != "9000" or .genuine == false) |
	    "\(.step) \(.sw)"' | xargs
}

for kind in gen1 gen2 gen3; do
	ok "$kind: a blank card" ss-softcard new --profile "$kind" "$kind"
	ok "$kind: into the reader" ss-softcard insert --port "$first" "$kind"
	ok "$kind: which shows it at once" pcsc_wait 1 present 0.1
	is "$kind: it is there once" "$(ss-softcard insert --port "$first" \
	    --wait 5 "$kind" 2>&1)" \
	    "ss-softcard: the card $kind is in a reader"
	is "$kind: opensc reads its ATR" "$(opensc-tool -r "$(pcsc_reader 1)" \
	    --card-driver default -a 2>/dev/null | tr -d :)" \
	    "3b6d0000$(tail -c +1 "$kind/card.json" | jq -r '"53534f53315343" +
	    "4403"')$(jq -r .serial "$kind/card.json" | xargs printf '%08x')"
	like "$kind: and is sent away by other applets" "$(opensc-tool \
	    -r "$(pcsc_reader 1)" --card-driver default \
	    -s 00a4040007a0000002471001 -s 80ca9f7f00 2>&1)" \
	    'SW1=0x6A, SW2=0x82'
	# shellcheck disable=SC2086 # steps
	client 1 $everything >steps
	case $kind in
	gen1) left='binary 6a82 verify 63c5' ;;
	*) left='verify 63c5' ;;
	esac
	is "$kind: a client of another make does all it knows" \
	    "$(refused <steps)" "$left"
	is "$kind: and sees the lock" "$(client 1 select unlock | refused)" \
	    'select 6283'
	ok "$kind: out of the reader" ss-softcard eject "$kind"
	is "$kind: the card has what was written" "$(ss-softcard show "$kind" |
	    jq -c '[.files.EF06.name, .state, .pin]')" \
	    "[\"091e$name\",\"open\",{\"tries\":6,\"initial\":false}]"
	ok "$kind: the reader sees that it left" pcsc_wait 1 gone
done

# --- T=1
ok 'T=1: a card' ss-softcard new --t1 --ta1 96 --profile gen2 one
ok 'T=1: into the reader' ss-softcard insert --port "$second" one
# shellcheck disable=SC2086 # steps
is 'T=1: all of it' "$(client 2 ${everything#genuine} | refused)" 'verify 63c5'
ok 'T=1: out' ss-softcard eject one

# --- one after the other
ok 'several cards' ss-softcard new --count 3 --serial 1 box
ok 'are fed' ss-softcard insert --port "$first" box/0001 box/0002 box/0003
# Power is taken when a terminal has done with a card.
cat >unpower.py <<'END'
import sys
from smartcard.scard import *
_, context = SCardEstablishContext(SCARD_SCOPE_USER)
_, card, _ = SCardConnect(context, sys.argv[1], SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0)
_, out = SCardTransmit(card, SCARD_PCI_T0, [0, 0x84, 0, 0, 8])
print(bytes(SCardStatus(card)[4]).hex()[-8:])
SCardDisconnect(card, SCARD_UNPOWER_CARD)
END
for n in 1 2 3; do
	client 1 select >out
	is "fed: card $n" "$(python3 unpower.py "$(pcsc_reader 1)")" "0000000$n"
	[ "$n" = 3 ] || pcsc_wait 1 gone
	[ "$n" = 3 ] || pcsc_wait 1 present
done
ok 'the last one has gone too' pcsc_wait 1 gone
ok 'none is in use' ss-softcard show box/0001 box/0002 box/0003

# --- faults
ok 'a card that will leave' ss-softcard --leave 3 hook gen3
ok 'is put in' ss-softcard insert --port "$second" gen3
status 'and leaves' 3 client 2 verify 135790 verify 135790 verify 135790
ok 'the reader sees it' pcsc_wait 2 gone
ok 'its process has ended' ss-softcard show gen3
ok 'put in again' ss-softcard insert --port "$second" gen3
is 'it stays' "$(client 2 verify 135790 verify 135790 verify 135790 |
    refused)" ''
ok 'a mute one' ss-softcard --mute 1 hook gen2
ok 'is put in' ss-softcard insert --port "$first" gen2
status 'and never answers' 124 timeout 1 python3 "$SS_TOP/tests/client.py" \
    --reader "$(pcsc_reader 1)" select
ok 'but can be taken out' ss-softcard eject gen2
ok 'as the other one' ss-softcard eject gen3
ok 'and both are free' ss-softcard show gen2 gen3
done_testing
