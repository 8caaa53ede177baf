#!/bin/sh
. "$(dirname "$0")/lib.sh"
# Readers and sessions over a real PC/SC stack, where things go wrong: no
# service, no reader, no card, a card in other hands, one that is reset, that
# leaves, that is mute; and each PC/SC call failing in its turn.
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"

# What a session says of its failure, without the reader's name.
said() { # ARGUMENT...
	{ card-read "$@" >/dev/null; } 2>&1
}
# The machine may have a service of its own.
like "no service" "$(PCSCLITE_CSOCK_NAME=$W/none said open)" \
    '^reader: .*the PC/SC service is not running; start it .*8010001D$'
pcsc_init 2
one=$(pcsc_reader 1)
two=$(pcsc_reader 2)

# --- which reader
is "the readers are listed" "$(card-read list)" "$one
$two"
like "two readers and no card" "$(said open)" \
    '^invalid: 2 card readers and no card in them; name one of "Virtual 1 00 00", "Virtual 2 00 00"$'
like "no card" "$(said -r "$one" open)" '^reader: .*no card in the reader'
like "none comes" "$(said -r "$one" reader wait 300)" \
    '^missing: "Virtual 1 00 00": no card was put in$'
ok "the first one has a card" card_in 1 --generation 3 --serial 7
is "it is the one that is meant" "$(card-read open | cut -d' ' -f1-3)" \
    "gen3 3.00 220100"
is "by a glob" "$(card-read -r 'pcsc:*2 00*' reader)" "$two"
is "without the prefix" "$(card-read -r 'Virtual 2*' reader)" "$two"
like "a glob that fits both" "$(said -r 'Virtual*' open)" \
    '^invalid: more than one card reader fits "Virtual\*"; name one of'
like "one that fits none" "$(said -r 'ACS*' open)" \
    '^invalid: no card reader fits "ACS\*"; name one of "Virtual 1 00 00"'
ok "the second has a card too" card_in 2 --generation 2 --serial 8
like "and nobody knows which is meant" "$(said open)" \
    '^invalid: 2 card readers and more than one card'

# --- sessions
is "a third generation's card opens with four commands" \
    "$(card-read -r "$one" open counts | tail -n 1)" "4 commands"
ok "all of it is read and written" card-read -r "$one" open genuine write close
ok "a second generation's too" card-read -r "$two" open genuine write eject
is "a session after another holds nothing of it" \
    "$(card-read -r "$one" open read close open read close | grep -c EF08)" 2
like "another profile than the card's" "$(said -r "$one" -p gen1 open)" \
    '^card: not a card of profile "gen1"'

# --- the trace
ok "a session with a trace" card-read -r "$one" -t trace open genuine read close
is "is one line for each command, and one for the connection" \
    "$(jq -r 'if .atr then "atr" else (.c | length > 7) end' trace |
    sort | uniq -c | awk '{print $2 (NR == 1 ? $1 : "")}' | xargs)" "atr1 true"
is "each with its times" "$(jq -r 'select(.c) | (.t_us > 1e15) and (.us >= 0)' \
    trace | sort -u)" true
is "records of a person have their lengths alone" \
    "$(jq -r 'select(.c == "00B2013414") | .r' trace)" \
    "$(printf '%40s9000' '' | tr ' ' .)"
is "no authentication data" "$(jq -r 'select(.c) |
    select(.c | startswith("0082")) | .c[10:]' trace | tr -d . | xargs)" ''
is "it replays" "$(card-read -r replay:trace open)" "$(card-read -r "$one" open)"
like "as far as there is nothing masked" \
    "$(said -r replay:trace open genuine)" '^auth: the card is not genuine'
is "its mode" "$(stat -c %a trace)" 600

# --- other hands
mkfifo hold
# shellcheck disable=SC2094 # one is read, the other written
card-read -r "$one" open hold <hold >held 2>&1 &
holder=$!
exec 8>hold
until [ -s held ]; do
	kill -0 $holder || break
done
like "a card in use by another process" "$(said -r "$one" open)" \
    '^reader: .*the card is in use by another process.*8010000B$'
exec 8>&-
wait $holder
ok "which has ended" card-read -r "$one" open

fault() { # CODE N CALL ARGUMENT...
	_fault="$1 $2 $3"
	shift 3
	LD_PRELOAD="$SS_TOOLS/pcsc-fault.so" PCSC_FAULT="$_fault" \
	    PCSC_FAULT_LOG="$W/fault" timeout 20 card-read "$@"
}
like "a reset by another process" \
    "$(fault 80100068 6 SCardTransmit -r "$one" open genuine 2>&1)" \
    'reader: INTERNAL AUTHENTICATE: .*reset by another process.*80100068$'
# --- a card that leaves, a card that is mute
mkfifo leave
card-read -r "$one" open hold read <leave >left 2>&1 &
holder=$!
exec 8>leave
until [ -s left ]; do
	kill -0 $holder || break
done
card_out 1
exec 8>&-
wait $holder
is "a card that leaves ends the session" $? 1
like "which is said" "$(tail -n 1 left)" '^reader: .*(taken out|no answer|no card)'
card_in 1
like "until another comes" "$(card-read -r "$one" reader wait 5000 open |
    tail -n 1)" '^gen3 '
card_out 1
ok "or it is gone" card-read -r "$one" reader gone 5000
card_in 1

card-read -m 500 -r "$one" open hold read <leave >mute 2>&1 &
holder=$!
exec 8>leave
until [ -s mute ]; do
	kill -0 $holder || break
done
kill -STOP "$(card_pid 1)"
exec 8>&-
wait $holder
is "a mute card is left" $? 3
like "in time" "$(tail -n 1 mute)" '^reader: .*gave no answer in time'
kill -CONT "$(card_pid 1)"
card_out 1
card_in 1
ok "and the next session is as ever" card-read -r "$one" open genuine

# --- each call fails in its turn
for code in 8010001D 8010001E 80100013 80100003 80100017 80100009 8010000C \
    80100069 80100068 80100016 80100066 8010000B 80100006 8010006A 80109999; do
	n=0
	bad=
	while n=$((n + 1)) && [ $n -lt 60 ]; do
		rm -f fault
		fault $code $n '' -r "$one" reader wait 0 open genuine close \
		    >out 2>err
		status=$?
		[ -s fault ] || break
		case $status:$(cat err) in
		0:) grep -qE 'Disconnect|Release' fault || bad="$bad $n" ;;
		1:reader:\ * | 1:card:\ * | 1:memory:\ *)
			grep -qE "($code|80100017)\$" err || bad="$bad $n" ;;
		*) bad="$bad $n:$status" ;;
		esac
	done
	is "$code at each of $((n - 1)) calls is an error that says so" "$bad" ''
done
ok "after all of them" card-read -r "$one" open genuine

# --- the service goes
kill "$PCSC"
wait "$PCSC"
PCSC=
like "a service that has gone" "$(said -r "$one" open)" '^reader: .*service'
done_testing
