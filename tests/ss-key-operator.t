#!/bin/sh
# ss-key operator: keys that prove who works, and the file of whom to trust.
# shellcheck disable=SC2046,SC2086,SC2317 # lists; functions for status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unset SSCARD_TRUST
op() {
	ss-key -q operator "$@"
}
# PASSPHRASE COMMAND...: on descriptor 3.
with() {
	_pass=$1
	shift
	printf '%s\n' "$_pass" >pass
	"$@" 3<pass
}
fd='--operator-fd 3'
trust=$W/state/sscard/trust
: >everything
keep() { # all that was ever shown
	cat out err o e screen 2>/dev/null >>everything
}

# --- the call
for args in '' 'make' 'new' 'new a b -o file:k' 'new a' 'new a -o k' \
    'new a -o k:x' 'new a -o file:k --algorithm rsa' \
    'new a -o file:k -R 220' 'new a -o file:k -R 22010x' \
    'new a -o file:k -R 220001' 'new a -o file:k --role boss' \
    'new a -o file:k --role clerkclerkclerkclerkclerk' \
    'new a -o file:k --role clerk --role clerk' 'new a -o file:k -R 22 -R 22' \
    'new a -o file:k --from today' 'new a -o file:k --until 2026-13-01' \
    'new a -o file:k --from 2026-02-01 --until 2026-01-01' \
    'new file:a -o file:k' 'list x' 'list --at now' 'revoke' 'revoke a b' \
    'revoke a --at x' 'export' 'export a b' 'import a b'; do
	status "usage: operator $args" 2 op $args
	is 'nothing on standard output' "$(cat "$W/out")" ''
done
status 'a name of two lines' 2 op new "$(printf 'a\nb')" -o file:k
status 'an empty one' 2 op new '' -o file:k
status 'one that is too long' 2 op new "$(printf %0200d 1)" -o file:k
is 'no key was made, no file' "$(find . -name k -o -name trust)" ''
for args in list 'revoke a' 'export a'; do
	status "operator $args without a file" 3 op $args
	like 'the cure' "$(cat err)" 'no trust file .*ss-key operator'
done
is 'none is made' "$(ls state 2>/dev/null)" ''
status 'nor without a home' 3 env -u HOME -u XDG_STATE_HOME \
    ss-key operator list
like 'which is said' "$(cat err)" 'no home for trust; give --trust'

# --- new
status 'new' 0 with secret-wang ss-key $fd operator new wang \
    -o file:wang.key --role clerk --role counter -R 22 -R 110105
keep
cp out line
is 'its line' "$(jq -c '[.operator, .algorithm, .roles, .regions]' line)" \
    '["wang","sm2",["clerk","counter"],["220000","110105"]]'
is 'no other member' "$(jq -r 'keys_unsorted | join(" ")' line)" \
    'operator key algorithm public roles regions from until'
ok 'is in the trust file' cmp line "$trust"
is 'the key for its owner alone' "$(stat -c %a wang.key)" 600
is 'the trust file for all to read' "$(stat -c %a "$trust")" 644
is 'the id is the SM3 of the key' "$(jq -r .public line | base64 -d |
    openssl dgst -sm3 -r | cut -c1-64)" "$(jq -r .key line)"
is 'openssl reads it' "$(openssl pkey -in wang.key -passin pass:secret-wang \
    -pubout -outform DER | base64 -w0)" "$(jq -r .public line)"
is 'valid for two years' "$(jq -r '(.from[0:4] | tonumber) + 2 |
    tostring' line)$(jq -r '.from[4:]' line)" "$(jq -r .until line)"
cp wang.key before
status 'a second time' 3 with secret-wang op $fd new wang -o file:wang.key
like 'is refused' "$(cat err)" 'wang.key: is there already; a key is not'
ok 'and left as it was' cmp wang.key before
ok 'P-256, between days' with secret-li op $fd new li -o file:li/li.key \
    --algorithm p256 --trust other --from 2026-01-01 --until 2027-01-01 \
    --role reviewer -R 2201
keep
is 'days are those of China' "$(jq -r '.from + " " + .until' out)" \
    '2025-12-31T16:00:00Z 2026-12-31T16:00:00Z'
is 'it is p256' "$(jq -r .algorithm other)" p256
ok 'without rights' with secret-li op $fd new zhao -o file:zhao.key \
    --trust third
is 'there are none' "$(jq -c '[.roles, .regions]' third)" '[[],[]]'
status 'no passphrase' 3 with '' op $fd new x -o file:x.key
status 'no terminal' 3 setsid -w ss-key operator new x -o file:x.key
like 'the cure' "$(cat err)" 'no terminal to ask at; see --operator-fd'
is 'no key was made' "$(ls x.key 2>/dev/null)" ''
mkdir none
chmod 500 none
if [ "$(id -u)" != 0 ]; then
	status 'no place for the trust file' 3 with secret-li op $fd new x \
	    -o file:x.key --trust none/trust
	is 'says the line at least' "$(jq -r .operator out)" x
	rm -f x.key
fi

# --- signatures, and those of other programs
text='message digest'
sign() { # PASSPHRASE KEY
	with "$1" key-sign sign "file:$2" "$text" >signed
	sed -n 1p signed | bytes >spki.der
	sed -n 2p signed | bytes >sig.der
}
bytes() {
	python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'
}
hex() {
	od -An -v -tx1 "$1" | tr -d ' \n'
}
printf %s "$text" >text
sign secret-wang wang.key
ok 'openssl checks what SM2 signed' openssl pkeyutl -verify -rawin \
    -digest sm3 -in text -sigfile sig.der -pubin -keyform DER -inkey spki.der \
    -pkeyopt distid:1234567812345678
ok 'so does arithmetic' python3 "$SS_TOP/tests/curves.py" check \
    $(cat signed) "$text"
not_ok 'of this text alone' python3 "$SS_TOP/tests/curves.py" check \
    $(cat signed) "${text}s"
ok 'openssl signs' openssl pkeyutl -sign -rawin -digest sm3 -in text \
    -out sig.der -inkey wang.key -passin pass:secret-wang \
    -pkeyopt distid:1234567812345678
ok 'what is checked' key-sign check "$(hex spki.der)" "$(hex sig.der)" "$text"
openssl pkeyutl -sign -rawin -digest sm3 -in text -out sig.der \
    -inkey wang.key -passin pass:secret-wang -pkeyopt distid:another
not_ok 'not with another user id' key-sign check "$(hex spki.der)" \
    "$(hex sig.der)" "$text"
sign secret-li li/li.key
ok 'openssl checks what P-256 signed' openssl dgst -sha256 -keyform DER \
    -verify spki.der -signature sig.der text
ok 'so does arithmetic' python3 "$SS_TOP/tests/curves.py" check \
    $(cat signed) "$text"
openssl dgst -sha256 -sign li/li.key -passin pass:secret-li -out sig.der text
ok 'and the other way' key-sign check "$(hex spki.der)" "$(hex sig.der)" \
    "$text"
d=3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
for n in 1 2 3 4 5; do
	for curve in sm2 p256; do
		k=$(echo "$curve $n" | openssl dgst -sha256 -r | cut -c1-62)
		python3 "$SS_TOP/tests/curves.py" sign $curve $d $k $n >signed
		ok "$curve: what arithmetic signs is good" key-sign check \
		    $(cat signed) $n
		not_ok 'for that text' key-sign check $(cat signed) x
	done
done
chmod 640 wang.key
status 'a key that others may read' 1 with secret-wang key-sign sign \
    file:wang.key x
like 'the cure' "$(cat err)" 'chmod 600'
chmod 600 wang.key
status 'a wrong passphrase' 1 with secret-li key-sign sign file:wang.key x
keep
like 'is said' "$(cat err)" 'wang.key: a wrong passphrase'
status 'no key' 1 with secret-li key-sign sign file:none.key x
like 'the cure' "$(cat err)" 'ss-key operator new'
openssl pkey -in wang.key -passin pass:secret-wang -out plain.key
chmod 600 plain.key
status 'one that is not encrypted' 1 with secret-wang key-sign sign \
    file:plain.key x
like 'the cure' "$(cat err)" 'openssl pkcs8 -topk8 -scrypt'
openssl pkcs8 -topk8 -scrypt -scrypt_N 1024 -in plain.key \
    -passout pass:secret-wang -out cured.key
chmod 600 cured.key
ok 'cures it' with secret-wang key-sign sign file:cured.key x

# --- who works
ok 'a key says who' with secret-wang key-sign who "$trust" file:cured.key
is 'by the name of the trust file' "$(xargs <out)" 'wang key read 1'
ok 'a name is one' key-sign who "$trust" zhang
is 'and opens nothing before it is asked' "$(xargs <out)" 'zhang name unread 1'
status 'a key that is not known' 1 with secret-wang key-sign who other \
    file:cured.key
like 'the cure' "$(cat err)" 'other does not know the key .*operator import'
status 'no trust file' 1 key-sign who nowhere file:cured.key
like 'before anybody types' "$(cat err)" 'no trust file nowhere'
status 'not valid any more' 1 with secret-wang at '2030-01-01 00:00:00' \
    key-sign who "$trust" file:cured.key
like 'which is said' "$(cat err)" \
    'no longer, since .*ss-key operator new makes another'

# --- export and import
ok 'export by name' op export li --trust other
cp out li.line
ok 'is the line' cmp li.line other
id=$(jq -r .key li.line)
ok 'by the key' op export "$id" --trust other
ok 'or its beginning' op export "$(echo $id | cut -c1-8)" --trust other
cp out got
ok 'is the same' cmp got li.line
status 'not with less of it' 3 op export "$(echo $id | cut -c1-7)" \
    --trust other
status 'nobody' 3 op export nobody --trust other
like 'is said' "$(cat err)" 'no operator of this name, and no key'
status 'a line does not give itself a role' 2 op import <li.line
like 'which is shown' "$(cat err)" \
    "li: key $id, roles reviewer, regions 220100, from .*, until"
like 'and asked for' "$(cat err)" 'nothing is imported; .*--role and -R'
status 'a role alone does not do' 2 op import li.line --role maker
status 'nor a region' 2 op import li.line -R 22
ok 'and nothing is changed' cmp line "$trust"
ok 'import' op import li.line --role maker -R 2202 --until 2026-06-01
keep
like 'shows what it does' "$(cat err)" "li: key $id, roles maker, regions 220200"
is 'as it was told' "$(jq -c 'select(.operator == "li") |
    [.roles, .regions, .until]' "$trust")" \
    '[["maker"],["220200"],"2026-05-31T16:00:00Z"]'
ok 'once more is the same' op import --role maker -R 2202 \
    --until 2026-06-01 - <li.line
status 'with other facts' 3 op import --as-is <li.line
like 'it is there' "$(cat err)" 'is there already with other facts; --replace'
is 'nothing comes out' "$(cat out)" ''
ok '--replace, as the line is' op import --as-is --replace <li.line
is 'replaces' "$(tail -n 1 "$trust")" "$(cat li.line)"
ok 'a further key of a name' sh -c "sed 's/\"li\"/\"wang\"/' li.line |
    ss-key -q operator import --as-is --trust '$trust' --replace"
jq -c '.operator = "wang"' third >again
ok 'is imported' op import again --as-is
like 'and said' "$(cat err)" 'the name has another key already'
status 'nothing to import' 3 op import --as-is </dev/null
for bad in '{}' 'x' "$(jq -c '.key = "00"' line)" \
    "$(jq -c '.operator = "a\u001b[2J"' line)" \
    "$(jq -c '.public |= (.[0:60] + "AAAA" + .[64:])' line)"; do
	cp "$trust" before
	printf '%s\n%s\n' "$(cat line)" "$bad" >bad
	status 'a line that is none' 3 op import bad --as-is
	like 'is named' "$(cat err)" 'line 2'
	ok 'and nothing is imported' cmp before "$trust"
done
status 'no such file' 3 op import nowhere --as-is

# --- list and revoke
ok 'list' op list
cp out got
ok 'is the file' cmp got "$trust"
rm -f "$trust"
op import line --as-is >/dev/null 2>&1
op import li.line --as-is >/dev/null 2>&1
is '--valid at a time' "$(at '2027-06-01 00:00:00' ss-key operator list \
    --valid | jq -r .operator | xargs)" wang
ok 'revoke' op revoke li --at 2026-03-01
keep
is 'says since when' "$(jq -r .revoked out)" 2026-02-28T16:00:00Z
is 'in the file too' "$(tail -n 1 "$trust")" "$(cat out)"
ok 'later' op revoke "$(echo $id | cut -c1-20)" --at 2026-04-01
is 'changes nothing' "$(jq -r .revoked out)" 2026-02-28T16:00:00Z
ok 'earlier' op revoke li --at 2026-02-01T00:00:00Z
is 'does' "$(jq -r .revoked out)" 2026-02-01T00:00:00Z
ok 'importing what is not revoked' op import li.line --as-is --replace
is 'does not take it back' "$(jq -r .revoked out)" 2026-02-01T00:00:00Z
status 'who is not there' 3 op revoke nobody
ok 'revoke now' op revoke wang
status 'then the key proves nobody' 1 with secret-wang key-sign who \
    "$trust" file:cured.key
like 'which is said' "$(cat err)" 'was revoked at .*ss-key operator new'
is 'none is valid' "$(op list --valid)" ''

# --- files that are not as they should be
ln -s "$trust" link
ok 'a link' op revoke wang --trust link
ok 'stays one' test -L link
cp "$trust" before
chmod 664 "$trust"
status 'one that others may write' 3 op list
like 'the cure' "$(cat err)" 'chmod 644'
chmod 644 "$trust"
echo '{}' >>"$trust"
status 'one with a line that is none' 3 op list
like 'is named by file, line and member' "$(cat err)" \
    'trust: line 3: "operator": a string is wanted'
status 'nor is it changed' 3 op revoke wang
cp before "$trust"
status 'a full disk' 3 sh -c 'ss-key operator list >/dev/full'

# --- killed while it saves: the file is the old one or the new one
python3 - "$trust" >many <<'PYTHON'
import base64, hashlib, json, sys
line = json.loads(open(sys.argv[1]).readline())
spki = base64.b64decode(line["public"])
for i in range(2000):
    line["operator"] = "many"
    made = spki[:27] + i.to_bytes(4, "big") + spki[31:]
    line["public"] = base64.b64encode(made).decode()
    line["key"] = hashlib.new("sm3", made).hexdigest()
    print(json.dumps(line, separators=(",", ":")))
PYTHON
killed=0 whole=0 bad=0
for t in 0.002 0.006 0.01 0.012 0.014 0.016 0.018 0.02 0.024 0.028 0.032 \
    0.04 0.06 99; do
	cp many big
	cp big expected
	if timeout -s KILL $t ss-key -q operator import line --as-is \
	    --trust big >o 2>e; then
		whole=$((whole + 1))
		cat line >>expected
	else
		killed=$((killed + 1))
		# Its last moment may come behind the change.
		cmp -s big expected || cat line >>expected
	fi
	cmp -s big expected || bad=$((bad + 1))
	rm -f big.??????
done
is "killed $killed times, $whole times not" "$bad" 0
ok 'both' test $killed -gt 0 -a $whole -gt 0
cp line few
for n in 1 2 3 4 5 6 7 8; do
	jq -c '.operator = "li"' li.line >"li.$n"
	ss-key -q operator import "li.$n" --as-is --trust few >o 2>e &
	ss-key -q operator revoke wang --at 2026-01-01 --trust few >o 2>e &
	wait
done
is 'two at a time do not undo each other' "$(jq -r '.operator + " " +
    (.revoked // "-")' few | xargs)" 'wang 2025-12-31T16:00:00Z li -'

# --- at the terminal
typed() { # STEPS COMMAND...; standard output and error in $W/o and $W/e
	printf '%b' "$1" >steps
	shift
	rm -f echo look
	python3 "$SS_TOP/tests/terminal.py" steps sh -c 'exec "$@" >o 2>e' \
	    sh "$@"
}
memory() { # TEXT WANT
	if [ -s look ]; then
		is "$1" "$(cat look)" "$2"
	else
		skip "$1" 'not to be looked at'
	fi
}
printf '%s\n' secret-zhou typo-zhou >secrets
status 'new at the terminal' 0 typed 'zhou.key: \ttypo-zhou
again: \tsecret-zhou\nzhou.key: \tsecret-zhou\nagain: \tlook\n\tsecret-zhou
' ss-key operator new zhou -o file:zhou.key --trust zhou
keep
like 'typed twice alike' "$(cat screen)" 'They are not the same'
is 'without an echo' "$(xargs <"$W/echo")" 'quiet quiet quiet quiet echo'
like 'asked for by the key' "$(cat screen)" 'passphrase for file:zhou.key: '
memory 'in memory that is locked and not dumped, nowhere else' 'found 0 0 True'

# --- memory: what a key leaves behind
scalar() { # PASSPHRASE KEY
	openssl pkey -in "$2" -passin "pass:$1" -outform DER | hex /dev/stdin |
	    sed 's/.*0201010420//' | cut -c1-64
}
d=$(scalar secret-wang wang.key)
d2=$(scalar secret-li li/li.key)
is 'the scalars are known' "${#d} ${#d2}" '64 64'
for key in wang.key cured.key li/li.key; do
	pass=secret-wang
	[ $key = li/li.key ] && pass=secret-li
	echo $pass >key.pass
	printf '%s\n' $pass "$(scalar $pass $key)" >secrets
	status "$key signs, and is closed" 0 typed \
	    'signed\tlook\n\t\nclosed\tlook\n\t\n' \
	    sh -c "exec key-sign hold file:$key >/dev/tty 3<key.pass"
	keep
	memory 'its scalar on locked pages, then nowhere' \
	    "$(printf 'found 0 0 False\nnone 0 0 False')"
done

# --- in a token
module=/usr/lib/softhsm/libsofthsm2.so
if [ -f $module ]; then
	mkdir tokens
	echo "directories.tokendir = $W/tokens" >softhsm.conf
	export SOFTHSM2_CONF="$W/softhsm.conf"
	softhsm2-util --init-token --free --label desk --pin 271828 \
	    --so-pin 314159 >/dev/null
	uri="pkcs11:token=desk;object=sun?module-path=$module"
	ok 'a key in a token' with 271828 op $fd new sun -o "$uri" \
	    --algorithm p256 --trust sun
	keep
	is 'is in the trust file' "$(cat out)" "$(cat sun)"
	ok 'says who' with 271828 key-sign who sun "$uri"
	is 'by that name' "$(xargs <out)" 'sun key read 1'
	status 'a second time' 3 with 271828 op $fd new sun -o "$uri" \
	    --algorithm p256 --trust sun
	status 'a wrong PIN' 1 with 141421 key-sign who sun "$uri"
	keep
else
	skip 'a key in a token' 'no SoftHSM'
fi

keep
cat "$trust" other third zhou wang.key li/li.key zhou.key >>everything
for s in secret-wang secret-li secret-zhou typo-zhou 271828 $d $d2; do
	not_ok 'a secret is nowhere shown' grep -qai -e "$s" everything
done
is 'no other file lies about' "$(find . -path ./tokens -prune -o \
    -name '*.??????' -print)" ''
done_testing
