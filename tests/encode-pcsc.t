#!/bin/sh
# Cards are made over a real PC/SC stack: our software card and the second one
# (card.py) in virtual readers, read back by terminals of others; and what goes
# wrong with readers.
# shellcheck disable=SC2317,SC2086 # called by others; numbers
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"
pcsc_init 2
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"
# pcscd's waits go by the day's time, so it runs here.
NOW="@$NOW"
# card.py makes cards of Changchun.
secret ss-key test 220100 --work 10 >key.log 2>&1
SSSE=7378312e73682ec9e7bbe1b1a3d5cf
used=''
_end_then=$at_end
end_cards() {
	# shellcheck disable=SC2086 # several
	[ -z "$used" ] || ss-softcard eject $used >/dev/null 2>&1
	$_end_then
}
at_end=end_cards

insert() { # N CARD...
	_n=$1
	shift
	used="$used $*"
	ss-softcard insert --port "$(pcsc_port "$_n")" "$@" &&
	    pcsc_wait "$_n" present
}
eject() { # N CARD
	ss-softcard eject "$2"
	pcsc_wait "$1" gone
}
make_in() { # N [OPTION...]
	_r=$1
	shift
	secret at "$NOW" ss-encode -q -o zhou --station m1 \
	    -r "$(pcsc_reader "$_r")" --timeout 5 --wait 1 "$@"
}
k=0
record() { # ID: of generation $g
	k=$((k + 1))
	approved "$1" "$(people 1 $k)"
}
generation() { # G
	g=$1
	own_policy ".card.generation = $g | .card.name_extension_bytes = \
$([ "$g" = 1 ] && echo 0 || echo 20)"
}
items() { # N FILE: its items as client.py reads them
	client "$1" auth 0A read "$2" | tail -n 1 |
	    jq -r '[.items[]] | join(" ")'
}

# --- three generations of the software card
for g in 1 2 3; do
	generation $g
	record s$g
	chip c$g --profile gen$g --serial $g
	ok "$g: a card is put in" insert 1 c$g
	status "$g: it is made" 0 make_in 1 s$g.jsonl
	cp out made.$g
	status "$g: ss-read" 0 secret at "$NOW" ss-read -r pcsc:'Virtual 1*' \
	    made.$g
	is "$g: finds no fault" "$(jq -c .read.faults out)" '[]'
	if [ $g != 1 ]; then
		photo=$(client 1 auth 0A auth 04 read EF08 | tail -n 1 |
		    jq -r .data)
	fi
	card=$(items 1 EF05)/$(items 1 EF06)
	apdu=00B2072C0B
	[ $g = 3 ] && apdu=00B2052C06
	opensc-tool --card-driver default -r "$(pcsc_reader 1)" \
	    -s 00A404000F$SSSE -s "$apdu" 2>/dev/null | tr -d ' \n' >by-opensc
	printf '%s\n' 00A404000F$SSSE 00C000001E 00B2052C06 |
	    scriptor -r "$(pcsc_reader 1)" -p T=0 2>/dev/null |
	    tr -d ' \n' >by-scriptor
	printf '%s\n' "apdu 00A404000F$SSSE" 'apdu 00B2062C06' quit |
	    opensc-explorer -c default -r "$(pcsc_reader 1)" 2>/dev/null |
	    tr -d ' \n' >by-explorer
	eject 1 c$g
	is "$g: the second terminal reads the same" "$card" \
	    "$(on_card c$g EF05)/$(on_card c$g EF06)"
	[ $g = 1 ] || is "$g: the photo too" "$photo" \
	    "$(ss-softcard show c$g | jq -r .files.EF08)"
	like "$g: so does opensc-tool" "$(cat by-opensc)" \
	    "$([ $g = 3 ] && echo 050420260302 || echo 07093030303030303)"
	like "$g: scriptor" "$(cat by-scriptor)" '0504202603029000'
	like "$g: opensc-explorer" "$(cat by-explorer)" '060420360302'
done

# --- the second card, and another idea of what a card is
for g in 1 2 3; do
	generation $g
	record p$g
	rm -f card-2.json
	card_in 2 --generation $g --serial $((40 + g))
	status "$g: the second card is made" 0 make_in 2 p$g.jsonl
	is "$g: state" "$(jq -r .state out)" made
	cp out p.$g
	status "$g: ss-read with its record" 0 secret at "$NOW" ss-read \
	    -r "$(pcsc_reader 2)" p.$g
	is "$g: EF05" "$(items 2 EF05 | cut -d' ' -f5-)" \
	    "20260302 20360302 $(jq -r .card.number p.$g | tr -d '\n' |
	    od -An -tx1 | tr -d ' \n')"
	like "$g: EF06" "$(items 2 EF06)" "^$(jq -r .person.social_number p.$g |
	    tr -d '\n' | od -An -tx1 | tr -d ' \n') d5c5c8fd0"
	is "$g: no try lost" "$(jq -c '[.tries["04"], .tries["0A"]]' \
	    card-2.json)" '[3,3]'
	status "$g: again" 0 make_in 2 p$g.jsonl
	is "$g: already" "$(jq -r .already out)" true
	card_out 2
done

# --- readers
generation 3
record r
status 'no card' 3 make_in 1 r.jsonl
like 'is told' "$(said)" '^reader: no card came within 1 seconds'
status 'a glob of two' 2 secret at "$NOW" ss-encode -o zhou -r 'Virtual*' \
    r.jsonl
like 'lists them' "$(tr '\n' ' ' <err)" 'Virtual 1.*Virtual 2'
status 'no such reader' 2 secret at "$NOW" ss-encode -o zhou -r 'Gem*' r.jsonl
like 'is told' "$(cat err)" 'Gem'
status 'no PC/SC service' 3 env PCSCLITE_CSOCK_NAME=/nowhere sh -c \
    'exec 3<passphrase; exec ss-encode -o zhou -r "Virtual 1*" \
    --passphrase-fd 3 r.jsonl'
like 'is told' "$(cat err)" 'PC/SC'
chip r --serial 60
insert 1 r
status 'the only reader with a card is found' 0 secret at "$NOW" ss-encode \
    -o zhou --station m1 --timeout 5 -n r.jsonl

# --- held by another process
cat >hold.py <<'END'
import sys
from smartcard import scard
_, c = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
r, h, p = scard.SCardConnect(c, sys.argv[1], scard.SCARD_SHARE_EXCLUSIVE,
                             scard.SCARD_PROTOCOL_ANY)
print(r, flush=True)
sys.stdin.read()
scard.SCardDisconnect(h, scard.SCARD_LEAVE_CARD)
END
mkfifo go said
python3 hold.py "$(pcsc_reader 1)" <go >said &
holder=$!
exec 5>go 6<said
read -r code <&6
is 'another process holds the card' "$code" 0
status 'then there is no making' 3 make_in 1 r.jsonl
like 'and it is said' "$(said)" '^reader: .*(in use|another)'
exec 5>&- 6<&-
wait $holder

# --- taken out, and silent, in mid-run
hooked() { # OPTION...: the card is put in with this hook
	ss-softcard eject r 2>log
	pcsc_wait 1 gone
	ss-softcard hook r --clear
	ss-softcard hook r "$@"
	insert 1 r --wait 2 2>log || insert 1 r
}
hooked --leave 30
status 'taken out in the midst' 1 make_in 1 r.jsonl
like 'is told' "$(said)" '^reader: .*(left|taken out)'
hooked --mute 30
status 'silent in the midst' 3 make_in 1 --timeout 1 r.jsonl
like 'is told then' "$(said)" '^reader: .*no answer in time'
number=$(row job 'select(.id == "r") | .number')
hooked --clear
status 'the next run finishes it' 0 make_in 1 r.jsonl
is 'with its number' "$(came)" "made $number"
eject 1 r

# --- a pile of cards
for id in l1 l2; do record $id; done
chip pile1 --serial 71
chip pile2 --serial 72
insert 1 pile1 pile2
cat l1.jsonl l2.jsonl >pile.jsonl
status 'a pile through one reader' 0 timeout 25 sh -c 'exec 3<passphrase
    exec ss-encode -o zhou --station m1 -r "Virtual 1*" --loop --wait 5 \
    --timeout 5 --passphrase-fd 3 pile.jsonl'
is 'two cards are made' "$(jq -r .state out | xargs)" 'made made'
is 'one each' "$(jq -r .card.chip out | sort -u | wc -l)" 2

# --- all that goes to PC/SC, as a library of others sees it
record y
chip y --serial 80
ss-softcard eject pile2 2>log
pcsc_wait 1 gone
insert 1 y
: >pcsc-spy		# in HOME; it is written to if it is there
status 'a run that is spied on' 0 secret env LD_PRELOAD=libpcscspy.so.0 \
    ss-encode -q -o zhou --station m1 -r 'Virtual 1*' --timeout 5 \
    --wait 1 y.jsonl
like 'all its commands were seen' "$(grep -c SCardTransmit pcsc-spy)" \
    '^[1-9][0-9]+$'
is 'as many as it counts' "$(jq .card.apdus out)" \
    "$(grep -c '>|.*SCardTransmit' pcsc-spy)"
not_ok 'no passphrase' grep -qi -e 'passphrase' \
    -e "$(od -An -tx1 passphrase | tr -d '\n' | cut -c2-40)" pcsc-spy
audit 'in the end'
done_testing
