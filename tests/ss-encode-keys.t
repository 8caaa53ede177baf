#!/bin/sh
# ss-encode: keys that are not there, that are of another version, or wrong; and
# that no card loses a try to a mistake.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

k=0
for id in a b c d e; do
	k=$((k + 1))
	approved $id "$(people 1 $k)"
	chip $id --serial $k
done
with() { # KEYS COMMAND...
	(
		SSCARD_KEYS=file:$W/$1
		shift
		"$@"
	)
}
import() { # STORE KEY CIPHER VALUE OPTION...: of two components
	_store=$1 _key=$2 _cipher=$3 _value=$4
	shift 4
	printf '%s\n' "$_value" 0102030405060708090a0b0c0d0e0f10 >parts
	with "$_store" secret ss-key import --region 110100 --key "$_key" \
	    --cipher "$_cipher" --component-fd 4 "$@" 4<parts >log 2>&1
}
sent() { # TRACE: how often a counted key was used
	grep -c '"c":"0082' "$1"
}
left() { # CHIP: UKSSSE's tries, as the register saw them last
	row tries "select(.chip[-1:] == \"$1\" and .secret == \"UKSSSE\") |
	    .remaining"
}

# --- no keys
status 'no key store is named' 3 sh -c 'unset SSCARD_KEYS
    ss-encode -o zhou -r soft:a --passphrase-fd 3 a.jsonl 3<passphrase'
status 'no key store is there' 3 with none encode a a.jsonl
is 'and no record was lost' "$(wc -l <out)" 0
echo 'another passphrase' >wrong
status 'a wrong passphrase' 3 sh -c 'exec ss-encode -o zhou -r soft:a \
    --passphrase-fd 3 a.jsonl 3<wrong'
not_ok 'does not say what was typed' grep -q 'another passphrase' err
is 'the card was not touched' "$(row job .id)$(tries_of a)" "$FULL"

# --- keys of another city
with shenzhen secret ss-key test 440300 --work 10 >log 2>&1
status 'the keys of another city' 1 with shenzhen encode a --trace t1 a.jsonl
like 'the city is named' "$(said)" '^missing: no sm4 key IRK for "110100"'
is 'no counted key was used' "$(sent t1) $(tries_of a)" "0 $FULL"
is 'nothing was bound' "$(row job 'select(.chip != "") | .id')" ''
# of the province and of the ministry they are good as well
with province secret ss-key test 110000 --work 10 >log 2>&1
status 'those of the province' 0 with province encode a a.jsonl

# --- of another version, or a wrong IRK
chip v2 --serial 20 --key-version 2
status 'a card of version 2' 1 encode v2 --trace t2 b.jsonl
like 'is not genuine by version 1' "$(said)" '^auth: the card is not genuine'
is 'before any counted key' "$(sent t2) $(tries_of v2)" "0 $FULL"
cp keys both
with both secret ss-key test 110100 --key-version 2 --work 10 >log 2>&1
status 'with both versions' 0 with both encode v2 --trace t3 b.jsonl
is 'the right one is found, and no try lost' "$(tries_of v2)" "$FULL"
status 'and for version 1' 0 with both encode c c.jsonl
cp keys irk
import irk IRK sm4 00112233445566778899aabbccddeeff --replace
status 'a wrong IRK' 1 with irk encode d --trace t4 d.jsonl
like 'is no genuine card' "$(said)" '^auth: the card is not genuine'
is 'no counted key was used then' "$(sent t4) $(tries_of d)" "0 $FULL"

# --- a wrong UKSSSE: one try, and no second one
cp keys uk
import uk UKSSSE sm4 00112233445566778899aabbccddeeff --replace
status 'a wrong UKSSSE' 1 with uk encode d --trace t5 d.jsonl
like 'is refused by the card' "$(said)" '^auth: .*UKSSSE.* 2 tries left'
is 'the status word is told' "$(jq -r .error.sw out)" 63C2
is 'and the card' "$(jq -r .error.card.chip out | tail -c 9)" 00000004
number=$(jq -r .error.card.number out)
is 'two keys were used, one in vain' "$(sent t5) $(tries_of d |
    jq -c '[.RKSSSE, .UKSSSE]')" '2 [3,2]'
is 'the register counts' "$(left 4)" 2
for run in second third; do
	status "a $run run" 1 with uk encode d --trace "t-$run" d.jsonl
	like "the $run run sends nothing" "$(said)" \
	    '^auth: this card refused key UKSSSE before, .*nothing was sent'
	is "the $run run costs no try" "$(tries_of d | jq .UKSSSE) $(left 4)" \
	    '2 2'
	ok "the $run run: no UKSSSE in the trace" \
	    sh -c "! grep -q '\"c\":\"00820004' t-$run"
done
status 'another record, the same card' 1 with uk encode d e.jsonl
is 'costs none either' "$(tries_of d | jq .UKSSSE)" 2
status '--force, still wrong' 1 with uk encode d --force d.jsonl
is 'one more' "$(jq -r .error.sw out) $(tries_of d | jq .UKSSSE) $(left 4)" \
    '63C1 1 1'
status 'one try is left' 1 with uk encode d d.jsonl
like 'it is said' "$(said)" '^blocked: .*1 of 3 .*nothing was sent.*--force'
is 'and kept' "$(tries_of d | jq .UKSSSE)" 1
status 'also with the right key' 1 encode d d.jsonl
is 'unless it is forced' "$(tries_of d | jq .UKSSSE)" 1
status '--force with the right key' 0 encode d --force d.jsonl
is 'makes the card, the number kept' "$(came)" "made $number"
is 'all tries are back' "$(tries_of d) $(left 4)" "$FULL 3"

# --- by force to the end
for run in 1 2 3; do
	status "a wrong key by force, $run" 1 with uk encode e --force e.jsonl
done
is 'the third blocks it' "$(tries_of e | jq .UKSSSE) $(left 5)" '0 0'
status 'a blocked key' 1 encode e e.jsonl
like 'is blocked' "$(said)" '^blocked: '
status 'by force too' 1 encode e --force e.jsonl
like 'as the card says' "$(said)" '^blocked: .*6983'
is 'its error has the word' "$(jq -r .error.sw out)" 6983
number=$(jq -r .error.card.number out)
status 'such a card is spoiled' 0 encode e --spoil e.jsonl
chip other --serial 50
status 'and another one is made' 0 encode other e.jsonl
not_ok 'with another number' test "$(jq -r .card.number out)" = "$number"

# --- a wrong RKSSSE, found in reading
chip rk --serial 51
approved f "$(people 1 9)"
cp keys rkeys
import rkeys RKSSSE sm4 00112233445566778899aabbccddeeff --replace
status 'a wrong RKSSSE' 1 with rkeys encode rk f.jsonl
like 'is told' "$(said)" '^auth: .*RKSSSE'
is 'nothing is bound for it' "$(row job 'select(.id == "f") | .chip')" ''
is 'it costs one try' "$(tries_of rk | jq -c '[.RKSSSE, .UKSSSE]')" '[2,3]'
status 'not again' 1 with rkeys encode rk f.jsonl
is 'and not one more' "$(tries_of rk | jq -c '[.RKSSSE, .UKSSSE]')" '[2,3]'
status 'ss-read has its own say' 1 with rkeys read_card rk
like 'of it' "$(said)" '^auth: .*RKSSSE'
audit 'after all of it'

# --- test keys, which a region may refuse
chip f --serial 9
approved f "$(people 1 9)"
own_policy '.keys.accept_test = false'
status 'test keys are refused by the policy' 1 encode f --trace t9 f.jsonl
like 'as such, with the cure' "$(said)" \
    '^policy: the sm4 key IRK .* is a test key, .*keys.accept_test.*--keys'
is 'nothing was authenticated' "$(sent t9) $(tries_of f)" "0 $FULL"
is 'nothing was bound' "$(row job 'select(.id == "f") | .chip')" ''
own_policy .
status 'a region that takes them' 0 encode f f.jsonl
collect <out >f.got 2>log
own_policy '.keys.accept_test = false'
status 'a card of such keys is not activated' 1 secret at "$NOW" ss-activate \
    -q -o chen -r soft:f --attest identity f.got
like 'by the policy' "$(said)" '^policy: .*test key'
own_policy .

done_testing
