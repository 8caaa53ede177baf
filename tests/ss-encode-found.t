#!/bin/sh
# ss-encode and ss-read: tries in a dry run and of a reading, a card that is
# given up while it is waited for, and the stops of --all.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

for k in 1 2 3 4; do
	approved a$k "$(people 1 $k)"
done
LESS='{"STK":3,"UKSSSE":3,"BK":3,"PUK":3,"RKSSSE":2}'
cp keys wrong
printf '%s\n' 00112233445566778899aabbccddeeff \
    000102030405060708090a0b0c0d0e0f >parts
SSCARD_KEYS=file:$W/wrong secret ss-key import -R 110100 --key RKSSSE \
    --cipher sm4 --component-fd 4 --replace --work 10 4<parts >log 2>&1

# --- a wrong key costs one try, also in a dry run and of a reading
wrong() { # COMMAND...
	(export SSCARD_KEYS="file:$W/wrong"; "$@")
}
chip dry --serial 1
chip read --serial 2
for _ in 1 2 3; do
	wrong encode dry -n a1.jsonl >out 2>err
	wrong read_card read -g "$SSCARD_REGISTRY" >out2 2>err
done
is 'a dry run uses one try up' "$(tries_of dry)" "$LESS"
is 'a reading uses one try up' "$(tries_of read)" "$LESS"
like 'and says so' "$(jq -r .error.message out2)" 'refused key RKSSSE before'
status '--force reads again' 0 read_card read -g "$SSCARD_REGISTRY" --force
is 'and sets the count back' "$(tries_of read)" "$FULL"

# --- given up while its card is waited for
mkdir -p feeder/in feeder/out
chip bound --serial 3
ss-softcard hook bound --leave 14
encode bound a1.jsonl >out 2>err
is 'a1 is begun' "$(row job 'select(.id == "a1") | .chip' | wc -c)" 51
ss-softcard hook bound --clear
ss-softcard show bound | jq -c .files >before
mkfifo told
secret at "$NOW" ss-encode -o zhou --station m1 -r soft:feeder --wait 20 \
    a1.jsonl >out 2>told &
pid=$!
exec 5<told
read -r line <&5
like 'the card is waited for' "$line" 'the card that was begun'
secret at "$NOW" ss-encode -q -o zhou --station m2 --spoil a1.jsonl >spoilt
mv bound feeder/in/bound
wait $pid
exec 5<&-
like 'it is not made' "$(said)" '^state: '
is 'the spoiled card is as it was' \
    "$(ss-softcard show feeder/*/bound | jq -c .files)" "$(cat before)"
is 'and no number is lost' "$(row job .id)" ''

# --- a photo that can't be written, of a card that is another's
chip photo --serial 5
encode photo a1.jsonl >good.jsonl 2>err
jq -c '.person.name = "李四"' good.jsonl >other.jsonl
status 'a photo that has no place' 3 read_card photo -g none --photo p.jpg/x other.jsonl
is 'the record is one' "$(jq -r .error.code out)" io

# --- many readers
many() { # OPTION...
	secret at "$NOW" ss-encode -q -o zhou --station m1 -r 'soft:r/*' --all \
	    --loop --wait 1 "$@"
}
for f in 1 2 3; do
	mkdir -p r/f$f/in r/f$f/out
done
chip made --serial 4
encode made a2.jsonl >made.jsonl 2>err
status 'a record that needs no card waits for none' 0 many made.jsonl
is 'and passes' "$(came)" "made $(jq -r .card.number made.jsonl) already"
for f in 1 2 3; do
	chip r/f$f/in/c --serial 1$f
done
echo '{"v":1,"id":"nobody"}' >nobody.jsonl
status 'rejects that have no room stop the run' 3 many --rejects /dev/full \
    nobody.jsonl

# Whichever thread waits for a line.
cat >stop.py <<'PY'
import os, signal, subprocess, sys
r, w = os.pipe()
p = subprocess.Popen(sys.argv[1:], stdin=r, stdout=subprocess.PIPE,
    stderr=open('err', 'w'), pass_fds=[3])
os.close(r)
for name in ('a3.jsonl', 'a4.jsonl'):
    os.write(w, open(name, 'rb').read())
    p.stdout.readline()
p.send_signal(signal.SIGINT)
try:
    print(p.wait(10))
except subprocess.TimeoutExpired:
    p.kill()
    print('did not end')
PY
for f in 1 2 3; do
	chip r/f$f/in/d --serial 2$f
done
is 'SIGINT ends it while standard input is open' "$(secret python3 stop.py \
    ss-encode -q -o zhou --station m1 -r 'soft:r/*' --all --loop)" -2

# A PC/SC service that never answers.
cat >mute.py <<'PY'
import os, socket, subprocess, sys
s = socket.socket(socket.AF_UNIX)
s.bind('socket')
s.listen(8)
p = subprocess.Popen(sys.argv[1:], stderr=open('err', 'w'), pass_fds=[3],
    env=dict(os.environ, PCSCLITE_CSOCK_NAME=os.path.abspath('socket')))
try:
    print(p.wait(15))
except subprocess.TimeoutExpired:
    p.kill()
    print('did not end')
PY
is 'a service that is mute ends it' "$(secret python3 mute.py ss-encode -q \
    -o zhou --station m1 --all --loop --timeout 1 a1.jsonl)" 3
done_testing
