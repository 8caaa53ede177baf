#!/bin/sh
# Seals by a second implementation, which knows the manual alone (seals.py):
# what is to be taken and what refused (seal-cases.py), and every small change
# of a sealed record (seal-sweep.py). SS_SEED sets which of those.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
T=$SS_TOP/tests
seed=${SS_SEED:-1}
cases='--cases 1500'
if [ -n "${SS_SWEEP:-}" ]; then
	cases=
fi

# shellcheck disable=SC2317 # called by ok
seals() {
	python3 "$T/seals.py" "$@"
}
# shellcheck disable=SC2317
sweep() { # HISTORY [COMMAND...]
	_form=$1
	shift
	# shellcheck disable=SC2086 # options
	python3 "$T/seal-sweep.py" --seed "$seed" $cases --roles roles \
	    --other other trust "$_form" "$@"
}
forms_of 1 | ss-apply -q -o wang >applied
ok 'the cases are made' sh -c "python3 '$T/seal-cases.py' . <applied"

# Which of them are refused: any, and those of a policy's words.
expect() { # NEEDS
	sed "s/^\($1\) .*/refused/; /^refused\$/!s/.*/ok/" want
}
got() {
	sed 's/: .*//' | paste -d '\t' - want
}
wanted() {
	expect "$1" | paste -d '\t' - want
}
is 'any policy' "$(seals --roles roles trust <cases | got)" "$(wanted any)"
is 'seals are required' "$(seals --roles roles --required trust <cases |
    got)" "$(wanted 'any\|required')"
is 'the reviewer is another' "$(seals --other-than-clerk trust <cases |
    got)" "$(wanted 'any\|clerk')"
for need in good any required clerk; do
	ok "there are cases of: $need" grep "^$need " want
done

strict='--roles roles --required --other-than-clerk'
# shellcheck disable=SC2086 # options
for history in history short batch other; do
	is "every form of $history is good" \
	    "$(seals $strict trust <$history | sort -u)" ok
done

# A form that was returned differs where the applicant mends it.
sed -n 2p short >returned
for change in '.person.phone = "13900139000"' 'del(.person)' \
    '.photo = {path: "p.jpg"}' '.applied.revision = 2' '.kind = "new2"' \
    '.documents = []' '.extra = {"a": "b"}' '.note = 1'; do
	jq -c "$change" returned >mended
	# shellcheck disable=SC2086 # options
	is "mended: $change" "$(seals $strict --mended trust <mended)" ok
	# shellcheck disable=SC2086 # options
	not_ok 'which is for ss-apply alone' seals $strict trust <mended
done
for change in '.review.result = "approved"' '.state = "applied"' \
    '.id = "other"' 'del(.v)'; do
	jq -c "$change" returned >mended
	# shellcheck disable=SC2086 # options
	not_ok "but not $change" seals $strict --mended trust <mended
done
sed -n 1p short | jq -c '.person.phone = "13900139000"' >mended
not_ok 'nor one that was not returned' seals --mended trust <mended

# jq and openssl make the same of the page.
sed -n 2p batch >one
jq -r '.seals[1].key' one >key
{
	printf '\0'
	jq -cjS '.seals[1] | del(.path, .signature)' one
} | openssl dgst -sm3 -binary >sum
jq -r '.seals[1].path[]' one >path
while read -r way; do
	printf '%s' "${way#?}" | perl -ne 'print pack "H*", $_' >sibling
	case $way in
	l*) set -- sibling sum ;;
	*) set -- sum sibling ;;
	esac
	{
		printf '\001'
		cat "$@"
	} | openssl dgst -sm3 -binary >up
	mv up sum
done <path
ok 'it has a path' test -s path
{
	printf 'sscard seal 1\0'
	cat sum
} >signed
jq -r '.seals[1].signature' one | base64 -d >signature
jq -r --arg key "$(cat key)" 'select(.key == $key) | .public' trust |
    base64 -d >public
ok 'openssl finds the signature good' openssl pkeyutl -verify -pubin \
    -keyform DER -inkey public -rawin -digest sha256 -in signed \
    -sigfile signature
is 'and the name of the key' \
    "$(openssl dgst -sm3 -r <public | cut -d' ' -f1)" "$(cat key)"

# What the program seals by itself.
for one in sm2 p256; do
	ok "a key on $one" seals --new $one --operator zhao --roles clerk \
	    --regions 110000 $one.pem
	cat out >>trust
	seals --sign apply --operator zhao $one.pem <applied >sealed
	is 'seals' "$(seals --required trust <sealed)" ok
	ok 'as openssl reads it' openssl pkey -in $one.pem -noout
done
jq -c '.id = "b"' applied | cat applied - applied |
    seals --sign apply --operator zhao --together sm2.pem >sealed
is 'three together' "$(seals --required trust <sealed | xargs)" 'ok ok ok'
is 'by one signature' "$(jq -r '.seals[].signature' sealed | uniq | wc -l)" 1

# Each change is refused, means the same, or is an earlier form.
for history in short batch; do
	ok "every change of $history" sweep $history
	mv out said
	sed '/^#/!s/^/# /' said
	for group in flips cuts of_covers of_members of_one of_seals \
	    otherwise; do
		ok "$group: some are refused" grep "^# $group: .* refused" \
		    said
	done
done
done_testing
