#!/bin/sh
# ss-key: the store of master keys, by descriptors and at a real terminal.
# shellcheck disable=SC2086,SC2317 # options in a word; functions for status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
key() {
	ss-key -q "$@"
}
# What scrypt costs is not the matter here.
cheap='--work 10'

# LINES COMMAND...: the lines, parted by blanks, on descriptor 3.
with() {
	_lines=$1
	shift
	printf '%s' "$_lines" | tr ' ' '\n' >lines
	"$@" 3<lines
}
fd='--passphrase-fd 3'
both="$fd --component-fd 3"

# tests/terminal.py types at a terminal.
typed() { # STEPS COMMAND...; standard output and error in $W/o and $W/e
	printf '%b' "$1" >steps
	shift
	rm -f echo look
	python3 "$SS_TOP/tests/terminal.py" steps sh -c 'exec "$@" >o 2>e' sh "$@"
}
: >everything
keep() { # all that was ever shown
	cat o e screen out err 2>/dev/null >>everything
}

# --- the call
for args in '' 'look' 'list x' 'passwd x' 'test' 'test 22 33' 'test 2' \
    'test 22010x' 'test 220000 --level city' 'test 22 --level town' \
    'test 22 --key-version 0' 'test 22 --key-version 256' \
    'import' 'import -R 22' 'import -R 22 --key IRK' \
    'import -R 22 --key irk --cipher sm4' \
    'import -R 22 --key IRK --cipher aes' 'import --key IRK --cipher sm4' \
    'import -R 22 --key IRK --cipher sm4 --components 1' \
    'import -R 22 --key IRK --cipher sm4 --components 6' \
    'import -R 22 --key IRK --cipher sm4 --kcv 12345' \
    'import -R 22 --key IRK --cipher sm4 --kcv 12345g' \
    '--work 9 test 22' '--work 20 test 22' '--passphrase-fd x list'; do
	# shellcheck disable=SC2086 # several arguments
	status "usage: ss-key $args" 2 key -k file:none $args
	is 'nothing on standard output' "$(cat "$W/out")" ''
done
status 'a store of no kind' 2 with a key -k nonsense $fd list
status 'one that is not there' 3 key -k file:none $fd list
like 'which is said' "$(cat err)" 'no key store none; make one'
status 'nor changed' 3 key -k file:none $fd passwd
is 'none is made' "$(ls none* 2>/dev/null)" ''

# --- test keys
status 'a test set' 0 with secret-one ss-key $fd $cheap test 220100
like 'is said to be one' "$(cat err)" 'everybody knows test keys'
like 'the store is made where others are' "$(cat err)" \
    "making the key store file:$W/state/sscard/keys"
store=$W/state/sscard/keys
is 'for its owner alone' "$(stat -c %a "$store")" 600
is 'two ciphers of six keys' "$(jq -r 'select(.region == "220100" and
    .version == 1 and .test) | .cipher + .key' out | sort | xargs)" \
    '3desBK 3desIRK 3desPUK 3desRKSSSE 3desSTK 3desUKSSSE sm4BK sm4IRK '\
'sm4PUK sm4RKSSSE sm4STK sm4UKSSSE'
cp out tested
with secret-one key $fd list >got
ok 'list lists them' cmp got tested
ok 'once more' with secret-one key $fd test 220100
with secret-one key $fd list >got
ok 'is the same' cmp got tested
for level in ministry province city; do
	ok "--level $level" with secret-one key $fd test 2201 --level $level
done
is 'of their regions' "$(with secret-one key $fd list | jq -r .region |
    uniq -c | xargs)" '12 220100 12 000000 12 220000'
ok '--key-version' with secret-one key $fd test 22 --key-version 3
is 'is another set' "$(jq -r .version out | uniq)" 3
kcv() { # CIPHER KEY: of the ministry's test key, by openssl
	k=$(printf 'sscard test key %s %s 1' "$2" "$1" |
	    openssl dgst -sm3 -r | cut -c1-32)
	case $1 in
	sm4) c=sm4-ecb ;;
	3des) c=des-ede ;;
	esac
	head -c 16 /dev/zero | openssl enc -$c -nopad -K "$k" |
	    od -An -tx1 | tr -d ' \n' | cut -c1-6
}
with secret-one key $fd list >listed
for cipher in 3des sm4; do
	for k in IRK STK UKSSSE BK PUK RKSSSE; do
		is "the check value of $cipher $k" "$(jq -r --arg k $k \
		    --arg c $cipher 'select(.region == "000000" and .key == $k
		    and .cipher == $c).kcv' listed)" "$(kcv $cipher $k)"
	done
done
status 'a wrong passphrase' 3 with secret-two key $fd list
like 'is said' "$(cat err)" 'a wrong passphrase, or a store that was altered'
status 'no passphrase' 2 with '' key $fd list
status 'an empty one' 2 sh -c "echo | ss-key --passphrase-fd 0 list"
status 'one that is too long' 2 sh -c "head -c 2000 /dev/zero | tr '\\0' x |
    ss-key --passphrase-fd 0 list"
status 'one with a NUL' 2 sh -c \
    "printf 'secret-one\\0x' | ss-key --passphrase-fd 0 list"
status 'a descriptor that is not open' 3 key --passphrase-fd 77 list
status 'no terminal' 2 setsid -w ss-key list
like 'the cure' "$(cat err)" 'no terminal to ask at; see --passphrase-fd'
chmod 640 "$store"
status 'a store that others may read' 3 with secret-one key $fd list
like 'the cure' "$(cat err)" 'chmod 600'
chmod 600 "$store"
status 'a full disk' 3 sh -c "echo secret-one |
    ss-key --passphrase-fd 0 list >/dev/full"
ok 'SSCARD_KEYS' with secret-one env SSCARD_KEYS="file:$store" HOME=/ \
    XDG_STATE_HOME=/nowhere ss-key $fd list
status 'no home' 3 env -u HOME -u XDG_STATE_HOME ss-key list
like 'which is said' "$(cat err)" 'no home for keys; give --keys'

# --- import
c1=00112233445566778899aabbccddeeff
c2=f1e2d3c4b5a697880f1e2d3c4b5a6978
c3=8000000000000000000000000000abcd
sum=f1f3f1f7f1f3f1ff8787878787878787
is_kcv() {
	head -c 16 /dev/zero | openssl enc -sm4-ecb -nopad -K "$1" |
	    od -An -tx1 | tr -d ' \n' | cut -c1-6
}
new="import -R 2202 --key STK --cipher sm4 --key-version 2"
ok 'import' with "secret-one $c1 $c2" key $both $new
is 'its row' "$(cat out)" '{"region":"220200","key":"STK","version":2,'\
'"cipher":"sm4","test":false,"where":"memory","kcv":"'"$(is_kcv $sum)"'"}'
is 'is listed' "$(with secret-one key $fd list | tail -n 1)" "$(cat out)"
status 'a second time' 3 with "secret-one $c1 $c3" key $both $new
like 'is refused' "$(cat err)" '"220200" is there already; --replace'
ok '--replace' with "secret-one $c1 $c2 $c3" key $both $new --replace \
    --components 3
is 'replaces' "$(with secret-one key $fd list | tail -n 1 | jq -r .kcv)" \
    "$(is_kcv 71f3f1f7f1f3f1ff8787878787872c4a)"
status 'a test set over it' 0 with secret-one key $fd test 2202 \
    --key-version 1
status 'not in its place' 3 with secret-one key $fd test 2202 --key-version 2
with secret-one key $fd list >listed
ok 'over a test key' with "secret-one $c1 $c2" key $both import -R 2202 \
    --key STK --cipher sm4 --replace --kcv "$(is_kcv $sum | tr a-f A-F)"
is 'it is none any more' "$(jq -r .test out)" false
with secret-one key $fd list >listed
refused() { # TEXT PATTERN COMPONENTS ARGUMENTS...
	_text=$1
	_pattern=$2
	_parts=$3
	shift 3
	status "$_text" 3 with "secret-one $_parts" key $both import -R 23 \
	    --key BK "$@"
	like 'is said' "$(cat err)" "$_pattern"
	is 'nothing comes out' "$(cat out)" ''
	is 'no component is shown' "$(grep -c "$c1" err)" 0
}
refused 'equal components' 'equal' "$c1 $c1" --cipher sm4
refused 'zeros' 'zeros' "$c1 00000000000000000000000000000000" --cipher sm4
refused 'a key of zeros' 'key of zeros' "$c1 $c2 $sum" --cipher sm4 \
    --components 3
refused 'single DES' 'single DES' \
    "10325476983210fe10325476983210fe 01010101010101010000000000000000" \
    --cipher 3des
refused 'a component that is cut' '32 hexadecimal digits' \
    "$c1 ${c2%?}" --cipher sm4
refused 'one that is missing' 'no line of it' "$c1" --cipher sm4
refused 'another check value' 'the check value is [0-9a-f]{6}, not 123456' \
    "$c1 $c2" --cipher sm4 --kcv 123456
with secret-one key $fd list >got
ok 'and nothing is stored' cmp got listed
status 'a wrong passphrase, before anybody types' 3 with secret-two key \
    $fd $new
ok 'import makes a store' with "secret-one $c1 $c2" key -k file:made/k \
    $both $cheap $new
is 'with one key' "$(with secret-one key -k file:made/k $fd list |
    jq -r .region)" 220200

# --- passwd
cp "$store" before
ok 'passwd' with 'secret-one secret-two' key $fd passwd
status 'not the old one' 3 with secret-one key $fd list
with secret-two key $fd list >got
ok 'the new one, with the same keys' cmp got listed
like 'at what it cost before' "$(jq -c '[.n, .r, .p]' "$store")" \
    '\[1024,8,1\]'
ok '--work' with 'secret-two secret-one' key $fd passwd --work 11
is 'makes it dearer' "$(jq -c .n "$store")" 2048
not_ok 'salts are new' test "$(jq -r .salt "$store")" = \
    "$(jq -r .salt before)"
status 'the old one wrong' 3 with 'secret-two secret-three' key $fd passwd
status 'no new one' 3 with secret-one key $fd passwd
ok 'then it is what it was' with secret-one key $fd list

# --- at the terminal
printf '%s\n' secret-one secret-four typo-one $c1 $c2 $c3 >secrets
status 'a store made at the terminal' 0 typed \
    'key store: \ttypo-one\nagain: \tsecret-one\nkey store: \tsecret-four
again: \tlook\n\tsecret-four\n' ss-key -k file:t/k $cheap test 22
keep
like 'typed twice alike' "$(cat screen)" 'They are not the same'
is 'without an echo, which comes back' "$(xargs <"$W/echo")" \
    'quiet quiet quiet quiet echo'
is 'and its keys on standard output' "$(grep -c '"region":"220000"' o)" 12
if [ -s look ]; then
	is 'in memory that is locked and not dumped, nowhere else' \
	    "$(cat look)" 'found 0 0 True'
else
	skip 'in memory that is locked and not dumped' 'not to be looked at'
fi
status 'list' 0 typed 'passphrase of file:t/k: \tsecret-four\n' \
    ss-key -k file:t/k list
keep
is 'is not disturbed' "$(wc -l <o)" 12
like 'in the screen there is the question' "$(cat screen)" \
    'passphrase of file:t/k: '
status 'three times not alike' 2 typed \
    'store: \ta\nagain: \tb\nstore: \ta\nagain: \tb\nstore: \ta\nagain: \tb
' ss-key -k file:t/none test 22
is 'no store' "$(ls t/none 2>/dev/null)" ''

status 'a ceremony' 0 typed "k: \\tsecret-four
component: \\t${c1%????} zz
component: \\t$c1
(y or n): \\tlook
\\tn
component: \\t$c1
(y or n): \\ty
Component 2\\tlook
component: \\t$c1
component: \\t$c2
(y or n): \\ty
" ss-key -k file:t/k import -R 22 --key PUK --cipher sm4 --key-version 9
keep
is 'its row' "$(jq -r '.kcv + " " + (.test | tostring)' o)" \
    "$(is_kcv $sum) false"
like 'the check value of each is shown' "$(cat screen)" \
    "check value is $(is_kcv $c1)"
like 'and of the other' "$(cat screen)" "check value is $(is_kcv $c2)"
like 'which was not typed right is said' "$(cat screen)" 'Once more: '
is 'the screen is cleared before and behind each' \
    "$(grep -ao "$(printf '\033')\\[2J" screen | wc -l)" 4
is 'only the answers are echoed' "$(xargs <"$W/echo")" \
    'quiet quiet quiet echo quiet echo quiet quiet echo echo'
if [ -s look ]; then
	is 'nothing in memory that could be dumped' "$(cat look)" \
	    "$(printf 'found 0 0 True\nfound 0 0 True')"
else
	skip 'nothing in memory that could be dumped' 'not to be looked at'
fi
ok 'passwd' typed 'passphrase of file:t/k: \tsecret-four
new passphrase: \tsecret-one\nagain: \tsecret-one\n' ss-key -k file:t/k passwd
keep
ok 'is changed' with secret-one key -k file:t/k $fd list

# Signals: the terminal echoes again, and the command ends by them.
for sig in 2 15 1 3; do
	cp t/k before
	typed "k: \\tkill $sig\\n" ss-key -k file:t/k test 33
	is "signal $sig ends it" $? $((256 - sig))
	is 'the terminal echoes' "$(tail -n 1 echo)" echo
	ok 'the store is what it was' cmp t/k before
done
typed 'k: \t\\x03\n' ss-key -k file:t/k list
is 'so does what is typed' $? 254
is 'and the terminal echoes' "$(tail -n 1 echo)" echo
ok 'the end of a terminal' test "$(typed 'k: \t\\x04\n' ss-key -k file:t/k \
    list; echo $?)" = 2

keep
cat "$store" t/k made/k "$W"/out "$W"/err >>everything
for s in secret-one secret-two secret-four typo-one $c1 $c2 $c3 $sum; do
	not_ok "a secret is nowhere shown" grep -qa -e "$s" everything
	not_ok 'in capitals neither' grep -qai -e "$s" everything
done
is 'no other file lies about' "$(find t made state -type f | sort | xargs)" \
    'made/k made/k.lock state/sscard/keys state/sscard/keys.lock t/k t/k.lock'
done_testing
