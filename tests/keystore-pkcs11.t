#!/bin/sh
# Master keys in a token, one of SoftHSM in this test's folder: what ss-key does
# with it and says of it, a token that fails, and the cards that come out.
# shellcheck disable=SC2086,SC2317 # options in a word; functions for status
# shellcheck disable=SC2030,SC2031 # what is bad in a subshell is bad there alone
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

module=/usr/lib/softhsm/libsofthsm2.so
faulty=$SS_TOOLS/token-fault.so
export SOFTHSM2_CONF="$W/softhsm2.conf"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n%s\n' \
    "$W" 'log.level = ERROR' >"$SOFTHSM2_CONF"
mkdir tokens
PIN=73091842
echo $PIN >pin
token() { # LABEL: a new one
	softhsm2-util --init-token --free --label "$1" --so-pin 87654321 \
	    --pin $PIN >/dev/null
}
uri() { # TOKEN [MODULE]
	echo "pkcs11:token=$1?module-path=${2:-$module}"
}
: >everything
key() { # URI ARGUMENT...: the PIN from a descriptor
	_uri=$1
	shift
	ss-key -k "$_uri" --passphrase-fd 3 "$@" 3<pin
}
keep() { # all that was ever said
	cat out err >>everything 2>/dev/null
}
one=$(uri one)
token one

# --- the call
refused() { # TEXT WANT-STATUS PATTERN COMMAND...
	_what=$1
	_pattern=$3
	_want=$2
	shift 3
	status "$_what: is refused" "$_want" "$@"
	like "$_what: and why" "$(cat err)" "$_pattern"
	is "$_what: nothing on standard output" "$(cat out)" ''
	keep
}
for row in 'token=one;pin=x:pin: no attribute' \
    'token=one;token=two:token: it is there twice' 'token=%zz:token: %XX' \
    'token:NAME=VALUE' 'object=x:object: a key store is a whole token' \
    "token=one?pin-value=$PIN:pin-value: others can see" \
    'token=one?pin-source=pin:pin-source: file:PATH' \
    'token=one?module-path=a.so:module-path: a path'; do
	refused "pkcs11:${row%%:*}" 2 "${row#*:}" key "pkcs11:${row%%:*}" list
done
refused 'no module' 3 'no PKCS#11 module /none.so; name another' \
    key "$(uri one /none.so)" list
refused 'another library' 3 'is no PKCS#11 module' \
    key "$(uri one "$(find /usr/lib -name 'libjansson.so.4' |
	head -n 1)")" list
refused 'no such token' 3 'no such token.*there is "one" \(serial [0-9a-f]+\)' \
    key "$(uri none)" list
refused 'nor is one made' 3 'no such token' key "$(uri none)" test 110100
echo wrong-pin >wrong
refused 'a wrong PIN' 3 '^ss-key: token "one": a wrong PIN$' \
    ss-key -k "$one" --passphrase-fd 3 list 3<wrong
refused 'no PIN' 2 'there is no line of it' ss-key -k "$one" --passphrase-fd 3 list \
    3</dev/null
refused '--work' 2 '--work is for a store under a passphrase' key "$one" --work 12 test 110100
refused '--work with pin-value' 2 '--work is for a store' \
    key "pkcs11:token=one?pin-value=$PIN" --work 12 list
is 'and nothing is there' "$(key "$one" list)" ''

# Its own words for its state; SoftHSM locks nothing.
bad=$(uri one "$faulty")
export TOKEN_LOG="$W/calls"
TOKEN_FLAGS=40000 refused 'a locked PIN' 3 'one": the PIN is locked' \
    key "$bad" list
not_ok 'nothing is tried then' grep -q Login calls
TOKEN_FLAGS=20000 refused 'the last try but one' 3 \
    'a wrong PIN; the next wrong one locks it' \
    ss-key -k "$bad" --passphrase-fd 3 list 3<wrong
is 'it was tried once' "$(grep -c Login calls)" 1
TOKEN_FAULT='C_Login 1 a4' refused 'a PIN that is locked by then' 3 \
    'the PIN is locked' key "$bad" list
unset TOKEN_LOG

# --- test keys
status 'a test set' 0 key "$one" test 110100
keep
like 'is said to be one' "$(cat err)" 'everybody knows test keys'
like 'what the token cannot do is said' "$(cat err)" \
    'no mechanism for sm4 keys: it keeps them, and they are read into memory'
cp out rows
is '3DES keys are used in the token, SM4 keys in memory' \
    "$(jq -r '.cipher + " " + .where' rows | sort | uniq -c | xargs)" \
    '6 3des token 6 sm4 memory'
secret ss-key list >file.rows
is 'those of a file are in memory' "$(jq -r .where file.rows | sort -u)" memory
jq -cS 'del(.where)' file.rows >want
is 'all else is as there' "$(jq -cS 'del(.where)' rows)" "$(cat want)"
is 'and listed so' "$(key "$one" list)" "$(cat rows)"
ok 'the same once more' key "$one" test 110100
is 'is the same' "$(key "$one" list)" "$(cat rows)"
objects() { # TOKEN: label and access of each, by another client
	pkcs11-tool --module $module --token-label "$1" --login --pin $PIN \
	    --list-objects --type secrkey 2>/dev/null | awk -F ': *' '
		/^Secret/ { n++ }
		/^  label/ { label = $2 }
		/^  Access/ { print label "; " $2 }' | sort
}
objects one >seen
is 'no object is there twice' "$(wc -l <seen)" 12
is '3DES keys are sensitive and cannot be extracted' \
    "$(sed -n 's/^sscard [A-Z]* 3des 1 110100 test; //p' seen | uniq -c |
    xargs)" '6 sensitive'
is 'SM4 keys can' "$(sed -n 's/^sscard [A-Z]* sm4 1 110100 test; //p' seen |
    uniq -c | xargs)" '6 extractable'
is 'nobody sees them who is not logged in' "$(pkcs11-tool --module $module \
    --token-label one --list-objects --type secrkey 2>/dev/null |
    grep -c label)" 0

# --- several tokens; the module of the machine; the PIN from a file
token two
token two
refused 'two of a name' 2 \
    'several tokens are meant, "two" \(serial [0-9a-f]*\), "two".*add serial' \
    key "$(uri two)" list
serial=$(sed -n 's/.*"two" (serial \([0-9a-f]*\)), .*/\1/p' err)
ok 'one of them by its serial' key "pkcs11:serial=$serial?module-path=$module" \
    list
chmod 600 pin
from_file="pkcs11:token=one?module-path=$module&pin-source=file:$W/pin"
status 'the PIN of a file' 0 ss-key -k "$from_file" list </dev/null
is 'opens it' "$(cat out)" "$(cat rows)"
chmod 640 pin
refused 'one that others read' 3 'others may read or write this PIN' \
    ss-key -k "$from_file" list
chmod 600 pin

mkdir -p .config/pkcs11/modules
echo "module: $module" >.config/pkcs11/modules/softhsm2.module
status 'the modules of the machine' 0 key 'pkcs11:token=one' list
is 'have it too' "$(cat out)" "$(cat rows)"

# --- import and passwd
c1=0123456789abcdeffedcba9876543210
c2=00112233445566778899aabbccddeeff
c3=a5a5a5a55a5a5a5ac3c3c3c33c3c3c3c
import() { # URI COMPONENTS ARGUMENT...
	printf '%s\n' $PIN $2 >lines
	_uri=$1
	shift 2
	ss-key -k "$_uri" --passphrase-fd 3 --component-fd 3 import -R 11 \
	    --key STK --key-version 2 "$@" 3<lines
}
as_in_file() { # COMPONENTS ARGUMENT...: the row of the same in a file
	{ cat passphrase && printf '%s\n' $1; } >lines
	shift
	ss-key -q --passphrase-fd 3 --component-fd 3 import -R 11 --key STK \
	    --key-version 2 "$@" 3<lines
}
for cipher in 3des sm4; do
	status "$cipher: a key of two people" 0 import "$one" "$c1 $c2" \
	    --cipher $cipher
	keep
	is "$cipher: is the same as in a file" "$(jq -cS 'del(.where)' out)" \
	    "$(as_in_file "$c1 $c2" --cipher $cipher | jq -cS 'del(.where)')"
	is "$cipher: and said to be in memory" "$(grep -c 'read into' err)" \
	    "$([ $cipher = sm4 ] && echo 1 || echo 0)"
	refused "$cipher: a second time" 3 'there already; --replace' \
	    import "$one" "$c1 $c3" --cipher $cipher
	status "$cipher: replaced" 0 import "$one" "$c1 $c3" --cipher $cipher \
	    --replace
	is "$cipher: by the other" "$(jq -r .kcv out)" "$(as_in_file \
	    "$c1 $c3" --cipher $cipher --replace | jq -r .kcv)"
	is "$cipher: of which there is one" \
	    "$(objects one | grep -c "STK $cipher 2 110000; ")" 1
done
printf '%s\n' $PIN 55667788 >lines
status 'another PIN' 0 ss-key -k "$one" --passphrase-fd 3 passwd 3<lines
refused 'not the old one' 3 'a wrong PIN' key "$one" list
printf '%s\n' 55667788 $PIN >lines
ok 'the new one' ss-key -k "$one" --passphrase-fd 3 passwd 3<lines
printf '%s\n' $PIN x >lines
refused 'one that it does not take' 3 'the new PIN: a PIN too short' \
    ss-key -k "$one" --passphrase-fd 3 passwd 3<lines
refused 'that of a file' 2 'only a PIN that is typed' \
    ss-key -k "$from_file" --passphrase-fd 3 passwd 3<pin

# --- killed and failing in every place
bad=$(uri one "$faulty")
old=$(key "$one" list | jq -r 'select(.version == 2 and .cipher == "3des") |
    .kcv')
new=$(import "$one" "$c2 $c3" --cipher 3des --replace 2>/dev/null | jq -r .kcv)
import "$one" "$c1 $c3" --cipher 3des --replace >out 2>err
for call in C_CreateObject C_DestroyObject; do
	(
		export TOKEN_FAULT="$call 1 kill"
		import "$bad" "$c2 $c3" --cipher 3des --replace
	) >out 2>err
	is "$call killed: one holds" "$(key "$one" list | jq -r 'select(
	    .version == 2 and .cipher == "3des") | .kcv')" \
	    "$([ $call = C_CreateObject ] && echo $old || echo $new)"
done
is 'which left two objects' "$(objects one | grep -c 'STK 3des 2 110000; ')" 2
import "$one" "$c1 $c3" --cipher 3des --replace >out 2>err
is 'that the next change makes one' \
    "$(objects one | grep -c 'STK 3des 2 110000; ')" 1
n=0
said_nothing=
while :; do
	n=$((n + 1))
	(
		export TOKEN_FAULT="any $n 30"
		import "$bad" "$c1 $c3" --cipher 3des --replace
	) >out 2>err
	got=$?
	[ $got = 0 ] && break
	keep
	if [ $got != 3 ] || ! grep -q '^ss-key: ' err || [ -s out ]; then
		said_nothing="$said_nothing $n:$got"
	fi
done
ok "$n calls of one change" test $n -gt 20
is 'each may fail, and that is said' "$said_nothing" ''
is 'the keys are there' "$(key "$one" list | jq -r 'select(.version == 2 and
    .cipher == "3des") | .kcv')" "$old"
for call in C_CreateObject C_SetPIN; do
	printf '%s\n' $PIN 55667788 >lines
	verb=$([ $call = C_SetPIN ] && echo passwd || echo test 33)
	export TOKEN_FAULT="$call 1 31"
	refused "$call, full" 3 'one":.* it is full' \
	    ss-key -q -k "$bad" --passphrase-fd 3 $verb 3<lines
	unset TOKEN_FAULT
done
key "$one" list >before
export TOKEN_FAULT='C_CreateObject 7 31'
refused 'full in the middle of a set' 3 'it is full' key "$bad" test 33
unset TOKEN_FAULT
is 'leaves nothing of it' "$(key "$one" list)" "$(cat before)"
is 'nor of its objects' "$(objects one | grep -c 330000)" 0
TOKEN_LIES=1 refused 'lengths that are not true' 3 'cannot be read' \
    key "$bad" list

token four
import "$(uri four)" "$c1 $c2" --cipher 3des >out 2>err
TOKEN_LIES=1 refused 'as much as it likes' 3 '8 bytes became 1073741824' \
    key "$(uri four "$faulty")" list

# --- what a token cannot do
token three
export TOKEN_LACKS=1102
status 'a token that does not derive' 0 key "$(uri three "$faulty")" test 110100
is 'keeps all keys for memory' "$(jq -r .where out | sort | uniq -c | xargs)" \
    '12 memory'
is 'the same ones' "$(jq -cS 'del(.where)' out)" "$(cat want)"
refused 'keys that were made for deriving' 3 \
    'one": "sscard .* 3des .*CKM_DES3_ECB_ENCRYPT_DATA' key "$bad" list
unset TOKEN_LACKS
head -c 16 /dev/urandom >aes
pkcs11-tool --module $module --token-label three --login --pin $PIN \
    --write-object aes --type secrkey --private --key-type AES:16 \
    --label 'sscard IRK 3des 1 1101' >log 2>&1
refused 'a label of ours that is none' 3 \
    'the label "sscard IRK 3des 1 1101" is no key' key "$(uri three)" list
pkcs11-tool --module $module --token-label three --login --pin $PIN \
    --delete-object --type secrkey --label 'sscard IRK 3des 1 1101' >log 2>&1
pkcs11-tool --module $module --token-label three --login --pin $PIN \
    --write-object aes --type secrkey --private --key-type AES:16 \
    --label other >log 2>&1
for n in 3des sm4; do
	pkcs11-tool --module $module --token-label three --id ffffffffffffffff \
	    --write-object aes --type secrkey --key-type AES:16 \
	    --label "sscard IRK $n 1 110100 test" >log 2>&1
	is "$n: a key made without the PIN is there" "$(pkcs11-tool --module \
	    $module --token-label three --list-objects --type secrkey \
	    2>/dev/null | grep -c "sscard IRK $n 1 110100 test")" 1
done
is 'and is not used' "$(key "$(uri three)" list | jq -cS 'del(.where)')" \
    "$(cat want)"
is "others' objects are left alone" "$(key "$(uri three)" list |
    jq -r .key | wc -l)" 12
pkcs11-tool --module $module --token-label three --login --pin $PIN \
    --write-object aes --type secrkey --private --key-type AES:16 \
    --label 'sscard IRK 3des 9 110100' >log 2>&1
refused 'one of another kind' 3 'a key of another kind' \
    key "$(uri three)" list

# --- the same cards, from keys of the city in a file and of the ministry here
token cards
key "$(uri cards)" test 00 >out 2>err || cat err
export SSCARD_FILES="$W/files"
make_and_use() { # GENERATION STORE: a card, made, in use, with another PIN
	_dir=$W/$2.$1
	mkdir "$_dir"
	cp p.jpg ./*.pdf "$_dir"
	cd "$_dir" || exit 1
	export SSCARD_REGISTRY="sqlite:$_dir/registry.db"
	ss-apply -q </dev/null
	form a "$(citizen 110101 19800307 123)" | approve >approved
	chip card --profile "gen$1" --serial 7
	LD_PRELOAD=$SS_TOOLS/same-random.so
	export LD_PRELOAD
	secret at "$NOW" ss-encode -q -o zhou --station m1 -r soft:card \
	    --trace trace.made approved >made || cat made
	jq -c '.collector = {id_type: .person.id_type,
	    id_number: .person.id_number, id_until: "长期"}' made |
	    at "$NOW" ss-collect -q >collected
	secret at "$NOW" ss-activate -q -r soft:card --trace trace.active \
	    --attest identity >active
	echo 246813 >new-pin
	secret at "$NOW" ss-setpin -q --reset -r soft:card --trace trace.pin \
	    --attest identity --pin-fd 4 4<new-pin >pin
	secret at "$NOW" ss-read -q -r soft:card --trace trace.read >shown.read
	unset LD_PRELOAD
	jq -c 'del(.us, .t_us)' trace.* >traces
	ss-softcard show card >shown
	cd "$W" || exit 1
}
clean() { # RECORDS
	jq -cS 'del(.. | .ms?)' "$1"
}
for g in 1 2 3; do
	own_policy ".card.generation = $g | .card.name_encoding = \"$(
	    [ $g = 3 ] && echo GB18030 || echo GBK)\" |
	    .card.name_extension_bytes = $([ $g = 1 ] && echo 0 || echo 20)"
	(
		make_and_use $g file
		export SSCARD_KEYS
		SSCARD_KEYS=$(uri cards)
		cp pin passphrase
		make_and_use $g token
	)
	echo 'a passphrase of the tests' >passphrase
	for f in made collected active pin shown.read; do
		ok "$g: $f, no error" jq -e '.error == null' token.$g/$f
		is "$g: $f, the same record" "$(clean token.$g/$f)" \
		    "$(clean file.$g/$f)"
	done
	is "$g: the same card is shown" "$(cat token.$g/shown)" \
	    "$(cat file.$g/shown)"
	ok "$g: its files are the same to the byte" \
	    diff -r file.$g/card token.$g/card
	is "$g: with another PIN" "$(jq .pin.initial token.$g/shown)" false
	ok "$g: and all was said to it in the same words" \
	    diff file.$g/traces token.$g/traces
done

export SSCARD_REGISTRY="sqlite:$W/token.2/registry.db"
for call in C_DeriveKey C_EncryptInit C_Encrypt; do
	export TOKEN_FAULT="$call 1 30"
	status "$call fails with a card" 3 ss-read -r soft:token.2/card \
	    -k "$(uri cards "$faulty")" --passphrase-fd 3 3<pin
	keep
	is "$call: which stops the run" "$(jq -r .error.code out)" crypto
	like "$call: saying so" "$(jq -r .error.message out)" \
	    '^token "cards": .*it failed, CKR 0x30$'
	unset TOKEN_FAULT
done

# --- the manual's example
awk '/^\.Bd -literal -offset indent$/ { n++; on = 1; next }
	/^\.Ed$/ { on = 0 }
	on && n == 2' "$SS_TOP/man/ss-keys.5" >example
mkdir here
status "ss-keys.5: its session runs" 0 env -u SSCARD_KEYS sh -c \
    'cd here && exec bash -e -o pipefail ../example'
is 'and lists what it made' "$(tail -n 12 out | cut -f 1-3 | sort | xargs)" \
    "$(jq -r '[.key, .cipher, .where] | @tsv' rows | sort | xargs)"

# --- no secret anywhere
not_ok 'the PIN is in no output' grep -e $PIN -e 55667788 everything
not_ok 'nor a component' grep -ie $c1 -e $c2 -e $c3 everything

done_testing
