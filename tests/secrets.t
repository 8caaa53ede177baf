#!/bin/sh
# What must not get out does not: keys and passphrases nowhere, a person's
# number and name neither in traces nor on standard error nor in core files.
# shellcheck disable=SC2317,SC2086 # called by others; process ids
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

NUMBER=110101198003071239 NAME=司马相如
form a $NUMBER | jq -c --arg n $NAME '.person.name = $n' | approve >a.jsonl
chip c --serial 7

# --- what is looked for: one line each, as bytes in Python
cat >look.py <<'END'
import subprocess
import sys
number, name, top, files = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
sys.path.insert(0, top + '/tests')
from card import KEYS, IRK, STK, card_key, diversifiers
from arithmetic import Card as Arithmetic
import hashlib

hist = bytes.fromhex('53534f53315343110100000007')
keys = {}
for kid, word in KEYS.items():
    for cipher in ('sm4', '3des'):
        seed = 'sscard test key %s %s 1' % (word, cipher)
        keys['ministry %s %s' % (word, cipher)] = hashlib.new(
            'sm3', seed.encode()).digest()[:16]
        keys['card %s %s' % (word, cipher)] = card_key(
            kid, cipher, '110101', hist)
person = {'number': number.encode(), 'name': name.encode(),
          'name GBK': name.encode('gbk'),
          'number BCD': bytes.fromhex(number)}
secrets = dict(keys, passphrase=b'a passphrase of the tests')


def forms(value):
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()


kind = files.pop(0)
wanted = dict(secrets)
if kind == 'all':
    wanted.update(person)
for path in files:
    with open(path, 'rb') as f:
        data = f.read()
    for what, value in wanted.items():
        if any(form in data for form in forms(value)):
            print('%s: %s' % (path, what))
END
look() { # TEXT KIND FILE...: KIND all, or secrets alone
	_what=$1
	shift
	is "$_what" "$(python3 look.py $NUMBER $NAME "$SS_TOP" "$@" 2>&1)" ''
}

# The search finds what is there.
{
	printf 'x%sy' 'a passphrase of the tests'
	printf %s $NAME | iconv -t GBK
	printf '%s' $NUMBER | od -An -tx1 | tr -d ' \n'
} >bait
is 'the search can find' "$(python3 look.py $NUMBER $NAME "$SS_TOP" all \
    bait | wc -l)" 3
printf 'sscard test key UKSSSE sm4 1' | openssl dgst -sm3 -binary |
    head -c 16 >bait
is 'a key too' "$(python3 look.py $NUMBER $NAME "$SS_TOP" secrets bait)" \
    'bait: ministry UKSSSE sm4'

# --- runs of all kinds
run() { # NAME STATUS COMMAND...
	_name=$1 _want=$2
	shift 2
	"$@" >"$_name.out" 2>"$_name.err"
	is "$_name: status" $? "$_want"
	look "$_name: standard error" all "$_name.err"
	look "$_name: no key in the records" secrets "$_name.out"
}
cp -R c left
cp -R c mute
cp -R c lying
run dry 0 encode c -n --trace dry.trace a.jsonl
ss-softcard hook left --leave 40
run left 1 encode left -v --trace left.trace a.jsonl
run taken 0 encode left -v --trace taken.trace a.jsonl
run seen 0 read_card left -v --trace seen.trace
run raw 0 read_card left -v --raw --trace raw.trace taken.out
run public 0 env -u SSCARD_KEYS ss-read -r soft:left --trace public.trace
jq -c '.person.name = "李四"' taken.out >changed
run changed 1 read_card left --trace changed.trace changed
approved b "$(people 1 3)"
chip other --serial 9
ss-softcard hook other --mute 40
run mute 3 encode other --timeout 1 --trace mute.trace b.jsonl
echo 'not it' >wrong
run wrong 3 sh -c 'exec ss-encode -r soft:c --passphrase-fd 3 a.jsonl 3<wrong'
for trace in *.trace; do
	ok "$trace: there is one" test -s "$trace"
	look "$trace: nothing in it" all "$trace"
	is "$trace: for its owner alone" "$(stat -c %a "$trace")" 600
done
look 'the register holds no key' secrets registry.db*
look 'nor does the key store as it lies there' secrets keys
look "the card's description" all left/card.json c/card.json

# --- a running one: its arguments, environment, core
prlimit --core=unlimited --pid $$
mkdir cores none none/in none/out
mkfifo said
(
	cd cores || exit 1
	exec 3<../passphrase
	exec faketime -f "$NOW" ss-encode -o zhou --station m1 --loop \
	    -r "soft:$W/none" --passphrase-fd 3 ../b.jsonl >../core.out \
	    2>../said
) &
starter=$!
exec 5<said
read -r line <&5
like 'a run that waits' "$line" 'put in'
pid=$(ps -o pid= --ppid $starter | tr -d ' ')
[ -n "$pid" ] || pid=$starter
is 'is ss-encode' "$(cat /proc/$pid/comm)" ss-encode
cat /proc/$pid/cmdline >cmdline
cat /proc/$pid/environ >environ
look 'its arguments' all cmdline
look 'its environment' all environ
like 'it may leave no core' "$(grep 'core file' /proc/$pid/limits)" \
    'size  *0  *0 '
kill -ABRT "$pid"
wait $starter
cat <&5 >core.err
exec 5<&-
is 'and leaves none' "$(find cores -type f)" ''
look 'nor says anything' all core.err
audit 'in the end'
done_testing
