#!/bin/sh
# ss-setpin: a PIN given anew by the issuer or unblocked, from the terminal, and
# nowhere to be found afterwards.
# shellcheck disable=SC2317 # reached by way of status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

setpin() { # CARD PINS [OPTION...]: PINs with a space between, in no file
	_card=$1 _pins=$2
	shift 2
	echo "$_pins" | tr ' ' '\n' | {
		secret at "$NOW" ss-setpin -o zhang --station c1 \
		    -r "soft:$_card" --pin-fd 4 --trace trace "$@" 4<&0 </dev/null
	}
}
run() { # STATUS CARD PINS [OPTION...]
	_want=$1
	shift
	status "status of ss-setpin $1 $3 $4" "$_want" setpin "$@"
	cat out err >>said.all
}
sent() {
	jq -r 'select(.c) | .c[:8]' trace | grep -E '^(00820|00200|805E|842)' |
	    grep -v 0082000A | xargs
	cat trace >>trace.all && rm trace
}
left() { # CARD
	ss-softcard show "$1" | jq .pin.tries
}
one=58291730 two=71942638 three=60718293
approved A "$(citizen 110101 19900307 881)"
chip A.chip --serial 1
encode A.chip A.jsonl | collect >made && mv made A.jsonl

# --- before activation, end to end
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
echo '{"pin": {"before": "activation"}}' >data/policies/1101.json
activate() {
	secret at "$NOW" ss-activate -q -r soft:A.chip --attest identity "$@"
}
status 'with the initial PIN' 1 activate A.jsonl
run 0 A.chip "123456 $one" -q A.jsonl
is 'changed' "$(sent)" '805E0100 00200000'
status 'then it is brought into use' 0 activate A.jsonl
is 'with its PIN' "$(jq -c '[.state, .pin.kind, .pin.changed]' out)" \
    '["active","change","2026-03-02T01:00:00Z"]'

# --- given anew
run 1 A.chip "$two" --reset A.jsonl
is 'nobody is identified' "$(said)" 'policy: who stands at the counter is not '\
'identified; give "collector" in the record, or say --attest identity'
run 1 A.chip '' --unblock A.jsonl
like 'nor to unblock' "$(said)" '^policy: who stands'
run 0 A.chip "$two" --reset -n --attest identity A.jsonl
is 'a dry run' "$(sent)" ''
run 1 A.chip 123456 --reset --attest identity A.jsonl
is 'not the initial one' "$(said) $(sent)" 'policy: the new PIN is too easy '\
'to guess (pin.weak: initial); choose another '
run 0 A.chip "$two" --reset --attest identity A.jsonl
is 'PUK, reload, and shown' "$(sent)" '00820006 84240001 00200000'
is 'the register has it' "$(now A | jq -c '[.pin.kind, .pin.identified]')" \
    '["reset","attested"]'
run 1 A.chip "$one $three" A.jsonl
is 'the old one is no longer right' "$(left A.chip)" 5
for _ in 4 3 2 1 0; do
	setpin A.chip "$one $three" -q --force A.jsonl >out
done
is 'blocked' "$(left A.chip) $(sent >/dev/null)" '0 '
run 0 A.chip '' --unblock --attest identity
is 'unblocked' "$(sent) $(left A.chip)" '00820006 84240000 6'
run 0 A.chip "$two $three" A.jsonl
is 'with the PIN that it had' "$(left A.chip)" 6
for _ in 5 4 3 2 1 0; do
	setpin A.chip "$one $two" -q --force A.jsonl >out
done
rm -f trace
run 0 A.chip "$one" --reset --attest identity A.jsonl
is 'a reset unblocks, too' "$(left A.chip)" 6
rm -f trace

# --- at the terminal
cat >type.py <<'END'
import os, pty, select, sys, time
lines, command = sys.argv[1].split(), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.set_inheritable(3, True)
    os.execvp(command[0], command)
seen, end = b"", time.monotonic() + 20
while time.monotonic() < end:
    if not select.select([fd], [], [], 0.2)[0]:
        continue
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    seen += more
    if more.rstrip().endswith(b":") and b"PIN:" in seen and lines:
        os.write(fd, lines.pop(0).encode() + b"\n")
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
typed() { # STATUS LINES
	status "status of a terminal, $(echo "$2" | wc -w) lines" "$1" secret \
	    env FAKETIME_DONT_FAKE_MONOTONIC=1 python3 type.py "$2" sh -c \
	    'exec ss-setpin -q -r soft:A.chip --passphrase-fd 3 A.jsonl >o.out'
	cat out o.out >>said.all
}
typed 0 "$one $two $two"
is 'old once, new twice' "$(tr -d '\r' <out | tr '\n' '|')" \
    'old PIN: |new PIN: |the same again: |'
typed 1 "$two $one $three $one $three $one $three"
like 'never twice alike' "$(jq -r .error.message o.out)" 'not typed twice alike'
typed 0 "$two $one $three $one $one"
is 'alike at last' "$(left A.chip)" 6

# --- a process in the midst of it
ss-softcard hook A.chip --mute 10
mkfifo given
printf '%s\n' $one $two >given &
ss-setpin -q -r soft:A.chip --pin-fd 4 --passphrase-fd 3 --timeout 60 \
    --trace trace A.jsonl 3<passphrase 4<given >o.out 2>&1 &
pid=$!
until grep -q '00B2072C' trace 2>/dev/null; do :; done
tr '\0' '\n' <"/proc/$pid/cmdline" >proc.argv
tr '\0' '\n' <"/proc/$pid/environ" >proc.env
like 'no core' "$(grep 'core file' "/proc/$pid/limits")" ' 0 +0 '
kill -ABRT "$pid"
wait
is 'none was left' "$(find . -name 'core*')" ''
cat trace >>trace.all; rm trace

# --- nowhere
ss-registry export >export.jsonl
sqlite3 registry.db .dump >dump.sql
rm -rf data A.chip
export SSCARD_DATA="$SS_TOP/lib/data"
cat >look.py <<'END'
import os, sys
bad = 0
for pin in sys.argv[1:]:
    kinds = {"text": pin.encode(), "BCD": bytes.fromhex(pin),
             "hex of text": pin.encode().hex().encode()}
    for folder, _, names in os.walk("."):
        for name in names:
            path = os.path.join(folder, name)
            data = open(path, "rb").read() if os.path.isfile(path) else b""
            for kind, what in kinds.items():
                if what in data:
                    bad += 1
                    print("PIN as %s in %s" % (kind, path))
print("%d found" % bad)
END
is 'no PIN in any file' "$(python3 look.py $one $two $three)" '0 found'
echo "x$one" >planted
is 'where one is, it is found' "$(python3 look.py $one | tail -n 1)" '1 found'
rm planted
is 'in traces only the lengths' "$(jq -r 'select(.c) | .c |
    select(test("^(0020|805E|8424)")) | .[10:]' trace.all | tr -d . |
    sort -u)" ''
audit 'after all'
done_testing
