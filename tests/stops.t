#!/bin/sh
. "$(dirname "$0")/lib.sh"
# What ends a run early, or makes it wait: signals, closed pipes, full disks.

export SSCARD_OPERATOR=wang SSCARD_STATION=desk
as_usual="env --default-signal=INT,TERM,PIPE"

number=$(citizen 110105 19900307 123)
record='{"person":{"name":"王小明","id_number":"'$number'"}}'
yes "$record" | head -n 1000 >in

# A line of what comes from descriptor 4, within 20 seconds.
line() {
	# shellcheck disable=SC2016 # for the inner shell
	timeout 20 sh -c 'read -r l && printf "%s\n" "$l"' <&4
}

# Starts a command between two FIFOs, $pid, written to by 3 and read by 4.
between() {
	rm -f to from
	mkfifo to from
	"$@" <to >from 2>err &
	pid=$!
	exec 3>to 4<from
}

# Its status, within 20 seconds.
ended() {
	( sleep 20; kill -9 $pid ) >/dev/null 2>&1 3>&- 4<&- &
	guard=$!
	wait $pid 2>/dev/null
	_ended=$?
	kill -9 $guard
	wait $guard 2>/dev/null
	return $_ended
}

# --- one at a time
between ss-apply -j3
for i in 1 2 3; do
	printf '%s\n' "$record" >&3
	is "record $i is answered while the writer waits" \
	    "$(line | jq -r .state)" applied
done
printf '%s' "$record" >&3
exec 3>&-
is "the last one needs no newline" "$(line | jq -r .state)" applied
ended
is "and the end is a success" $? 0
exec 4<&-

# --- signals
for sig in INT:130 TERM:143 HUP:129; do
	between env --default-signal=INT,TERM,HUP ss-apply
	printf '%s\njunk\n{"torn' "$record" >&3
	line >first
	kill "-${sig%:*}" $pid
	ended
	is "SIG${sig%:*} while it waits ends it by the signal" $? "${sig#*:}"
	cat <&4 >>first
	exec 3>&- 4<&-
	is "SIG${sig%:*}: what was read is out" \
	    "$(jq -r '.state // .line.text' first | xargs)" 'applied junk'
done

between env --ignore-signal=INT ss-apply
printf '%s\n' "$record" >&3
line >first
kill -INT $pid
printf '%s\n' "$record" >&3
exec 3>&-
line >first
ended
is "an ignored signal stays ignored" "$? $(jq -r .state first)" '0 applied'
exec 4<&-

# Blocked in writing its first group, it has read more than that.
$as_usual ss-apply in >from 2>err &
pid=$!
exec 4<from
dd bs=1 count=1 <&4 >got 2>/dev/null
kill -TERM $pid
cat <&4 >>got
exec 4<&-
ended
is "SIGTERM in work ends it by the signal" $? 143
is "the group in work is done, the rest not tried" \
    "$(jq -r '.error.message // .state' got | uniq -c | xargs)" \
    '256 applied 744 not tried: interrupted'

# --- the reader goes away
{
	$as_usual ss-apply in 2>err
	echo $? >status
} | head -n1 >first
is "a closed pipe ends it by SIGPIPE" "$(cat status)" 141
is "quietly" "$(cat err)" ''
is "with what was asked for" "$(jq -r .state first)" applied

# --- no room
status "a full device" 3 sh -c 'ss-apply in >/dev/full'
like "is told" "$(cat err)" \
    '^ss-apply: stopped after 0 records written: standard output: No space'
# shellcheck disable=SC2317 # reached by status
full() { # FILE COMMAND...: no file grows over 8 blocks
	_to=$1
	shift
	( trap '' XFSZ; ulimit -f 8; exec "$@" >>"$_to" )
}
status "a full disk" 3 full got1 ss-apply in
is "leaves no torn line" "$(tail -c1 got1 | od -An -c | tr -d ' ')" '\n'
like "counts those written" "$(cat err)" \
    "stopped after $(wc -l <got1) records written"
is "which are whole" "$(jq -r .state got1 | uniq)" applied
cp got1 before
printf 'head\n' >got2
cat got1 >>got2
status "a full disk, appended to" 3 full got2 ss-apply in
is "ends with a whole line" "$(tail -c1 got2 | od -An -c | tr -d ' ')" '\n'
is "and keeps what stood there" "$(head -n1 got2)" head

# What cannot be diverted is not lost.
{ echo "$record"; echo junk; echo "$record"; } >few
status "a full disk for rejects" 3 ss-apply --rejects /dev/full few
is "loses no record" "$(jq -r '.state // .line.text' out | xargs)" \
    'applied junk applied'
status "no folder for rejects" 3 ss-apply --rejects none/rejects few

# A group that a record stopped: those before it are out, and are durable.
cat >sync.c <<'END'
#include <stdio.h>
int syncfs(int);
int syncfs(int fd) { FILE *f = fopen("synced", "w"); fclose(f); return fd < 0; }
END
gcc -shared -fPIC -o sync.so sync.c
mkdir -p files
make-photo >1.jpg
make-photo --seed 2 >2.jpg
sm3=$(openssl dgst -sm3 -r 2.jpg | cut -c1-2)
: >"files/$sm3"		# a file where a folder is to be
for i in 1 2 1; do
	echo "$record" | jq -c --arg i $i '.photo = $i + ".jpg"'
done >photos
# shellcheck disable=SC2317 # reached by status
preload() {
	env LD_PRELOAD="$W/sync.so" ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}
status "a store that fails stops the run" 3 preload ss-apply photos
is "no record is lost" "$(jq -r '.error.code // .state,
    (.error.message // "" | startswith("not tried"))' out | xargs)" \
    'applied false io false io true'
ok "what is out as done has been synced" test -e synced

# --- descriptors that are closed
status "standard output closed" 3 sh -c 'ss-apply few >&-'
like "is told" "$(cat err)" 'standard output: Bad file descriptor'
status "closed, with rejects" 3 sh -c 'ss-apply --rejects rejects few >&-'
is "no good record among the rejects" "$(jq -r '.state // empty' rejects)" ''
rm -f rejects
if [ -z "${SS_SLOW:-}" ]; then		# valgrind wants its own
	ss-apply --rejects rejects few >out 2>&-
	is "standard error closed: nothing said in the rejects" \
	    "$(jq -r .line.text rejects)" junk
fi
status "standard input closed" 3 sh -c 'ss-apply <&-'

# --- progress
long() { # COMMAND...: on a terminal, for more than a second; its screen
	rm -f from
	mkfifo from
	timeout 60 sh -c '{ dd bs=1 count=1 2>/dev/null; sleep 1.2; cat; } \
	    <from >got' &	# not for ever, where there is no terminal
	script -qec "$* >from" screen </dev/null >/dev/null
	wait $!
	cat screen
}
long ss-apply in >shown
like "a long run on a terminal shows its progress" "$(cat shown)" \
    '[0-9]+ records, [0-9]+/s, [0-9]+:[0-9]{2} left'
is "beside the records, not among them" "$(jq -r .state got | uniq)" applied
long ss-apply -q in >quiet
not_ok "-q shows none" grep 'left' quiet
not_ok "a short run shows none" sh -c \
    'script -qec "ss-apply few >got" screen </dev/null | grep records,'
status "no terminal without a file: the synopsis" 0 script -qec \
    'ss-apply; echo status $?' screen
like "and 2" "$(cat screen)" 'status 2'
done_testing
