#!/bin/sh
# SM2, SM3, SM4 and P-256 in plain Python (sm.py) by the examples of their
# standards, and beside OpenSSL, Botan and our library, on random keys and
# texts. SS_SEED sets which.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
seed=${SS_SEED:-1}
cases=10
if [ -n "${SS_SWEEP:-}" ]; then
	cases=500
fi

beside() { # PEER
	is "beside $1: $cases keys of each curve, seed $seed" "$(/usr/bin/python3 \
	    "$SS_TOP/tests/sm-peers.py" --seed "$seed" --cases "$cases" \
	    "$1" 2>&1)" ''
}

ok 'the examples of the standards' python3 "$SS_TOP/tests/sm.py"
beside openssl
beside botan
beside signature

# What the tool doesn't understand must not pass for an answer.
status 'what is no question' 2 sh -c 'echo sum 00 | signature'
status 'nor is half a word' 2 sh -c 'echo check 0 00 00 | signature'
is 'a text without a key has no signature' \
    "$(echo sign 00 | signature; echo $?)" 2
done_testing
