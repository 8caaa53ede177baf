#!/bin/sh
# What ss-apply and ss-verify take and refuse of sealed records, beside a
# second implementation (seals.py): each accepts what the other has sealed, and
# both refuse the same. SS_SEED sets which changes are tried.
# shellcheck disable=SC2317 # called by ok
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
T=$SS_TOP/tests
seed=${SS_SEED:-1}
some='--cases 1500'
if [ -n "${SS_SWEEP:-}" ]; then
	some=
fi
now='2026-11-24 08:00:00'
attest='--attest likeness,bareheaded,face'

seals() {
	python3 "$T/seals.py" "$@"
}
# A key as the commands have it: encrypted, passphrase in the file pass.
echo 'a passphrase of the tests' >pass
lock() { # PEM KEY
	openssl pkcs8 -topk8 -scrypt -v2 aes-256-cbc -in "$1" \
	    -passout file:pass -out "$2"
	chmod 600 "$2"
}
# A policy that differs from the nation's.
policy() { # DIR CHANGE
	cp -R "$SSCARD_DATA" "$1"
	jq "$2" "$SSCARD_DATA/policies/00.json" >"$1/policies/00.json"
}
policy open '.seals.required = false | .review.other_than_clerk = false'
policy other '.seals.required = false | .review.other_than_clerk = true'
policy required '.seals.required = true | .review.other_than_clerk = false'
policy strict '.seals.required = true | .review.other_than_clerk = true'

umask 022
forms_of 1 | at "$now" ss-apply -q -o wang >applied
ok 'the cases are made' sh -c "mkdir c && python3 '$T/seal-cases.py' c \
    <applied"
ok "the reviewer's key" lock c/li.pem li.key

verify() { # POLICY [ARGS...]
	_data=$1
	shift
	SSCARD_DATA=$_data at "$now" ss-verify -q --trust c/trust \
	    -o file:li.key --operator-fd 3 "$@" 3<pass
}
said() { # the verdict and name of each case
	jq -r 'if .error | not then "ok" elif .error.code == "auth" or
	    .error.code == "invalid" then "refused" else .error.code end' |
	    paste -d '\t' - c/want
}
wanted() { # NEEDS
	sed "s/^\($1\) .*/refused/; /^refused\$/!s/.*/ok/" c/want |
	    paste -d '\t' - c/want
}
for p in open: 'other:\|clerk' 'required:\|required' \
    'strict:\|required\|clerk'; do
	verify "${p%%:*}" <c/cases >out
	said <out >got
	is "the cases, by the policy ${p%%:*}" \
	    "$(wanted "any\|full${p#*:}" | diff got -)" ''
done
# Not by jq, which rounds what is beyond 2^53.
grep -v '"error":{' out >good
is 'what ss-verify has sealed is good by the page' \
    "$(seals --required --other-than-clerk c/trust <good | sort -u)" ok
is 'by a seal more' "$(jq -c 'select(.seals[-1].operator != "li" or
    .seals[-1].key != $key)' --arg key \
    "$(sed -n 4p c/trust | jq -r .key)" good)" ''

# From the form to the review, each by a key of its own.
for one in sm2 p256; do
	ok "a key on $one" seals --new $one --operator zhao --roles clerk \
	    $one.pem
	cat out >>c/trust
	lock $one.pem $one.key
	forms_of 300 | SSCARD_DATA=strict at "$now" ss-apply -q \
	    --trust c/trust -o file:$one.key --operator-fd 3 3<pass >sealed
	is "$one: 300 forms are sealed" \
	    "$(seals --required c/trust <sealed | sort | uniq -c | xargs)" \
	    '300 ok'
	ok 'by fewer signatures than there are' test \
	    "$(jq -r '.seals[0].signature' sealed | sort -u | wc -l)" -lt 300
	# shellcheck disable=SC2086 # options
	verify strict $attest <sealed >reviewed
	is "$one: and reviewed" \
	    "$(seals --required --other-than-clerk c/trust <reviewed |
	    sort | uniq -c | xargs)" '300 ok'
	is 'by two seals' "$(jq -c '[.seals[].operator]' reviewed | sort -u)" \
	    '["zhao","li"]'
	jq -S . sealed | jq -c . | verify strict -j 2 >sorted
	is 'written otherwise, with two threads' \
	    "$(seals --required c/trust <sorted | sort -u)" ok
done

# One that was returned and mended.
sed -n 2p c/short >returned
mend() { # CHANGE
	jq -c "$1" returned | SSCARD_DATA=strict at "$now" ss-apply -q \
	    --trust c/trust -o file:sm2.key --operator-fd 3 3<pass >mended
}
ok 'mended' mend '.person.phone = "13900139000"'
is 'and sealed' "$(seals --required --other-than-clerk c/trust <mended)" ok
is 'as mended' "$(jq -r '.seals[-1].step' mended)" mend
for change in '.review.result = "approved"' 'del(.review)' '.v = null' \
    '.seals[1].operator = "wang"' 'del(.seals[1])' '.seals |= reverse' \
    '.seals[0].covers.person = .seals[0].covers.id'; do
	not_ok "not with $change" mend "$change"
	is 'for that' "$(jq -r .error.code mended)" auth
done

# Each small change of a record.
sweep() { # FORMS
	# shellcheck disable=SC2086 # options
	SSCARD_DATA=strict at "$now" python3 "$T/seal-sweep.py" \
	    --seed "$seed" $some --roles c/roles --other c/other c/trust \
	    "$1" ss-verify -q -n --trust c/trust -o file:li.key \
	    --operator-fd 3 3<pass
}
sed -n 1p c/short >c/first
for form in first batch short; do
	ok "every change of $form" sweep c/$form
	sed '/^#/!s/^/# /' "$W/out"
done
done_testing
