#!/bin/sh
# Seals at a desk: a key that runs out while its holder works, the policy of
# the record's own region, what a form's mending may change, numbers that are
# no integers, a token that fails over a group, very many members.
# shellcheck disable=SC2317,SC2016 # called by ok and status; jq's
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
unset SSCARD_OPERATOR SSCARD_REGISTRY
export PYTHONPATH="$SS_TOP/tests" PYTHONDONTWRITEBYTECODE=1
echo 'a passphrase of the tests' >pass
key() { # NAME ROLE [OPTION...]
	_name=$1
	_role=$2
	shift 2
	at "$NOW" ss-key -q operator new "$_name" -o "file:$_name.key" \
	    --operator-fd 3 --role "$_role" -R 11 "$@" 3<pass >/dev/null
}
by() { # NAME COMMAND...
	_name=$1
	shift
	at "$NOW" "$@" -q -g none -o "file:$_name.key" --operator-fd 3 3<pass
}
ok 'keys' key zhao clerk
ok 'too' key li reviewer
ok 'for six hours' key sun clerk --until 2026-03-02T07:00:00Z

# Each look at the clock is a minute later.
forms_of 200 >forms
status 'a key runs out' 1 env TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 \
    faketime -f '@2026-03-02 01:10:00 i60' ss-apply -q -g none -j 1 \
    -o file:sun.key --operator-fd 3 forms 3<pass
is 'it seals until then' "$(jq -r '.seals[0].time // empty |
    . < "2026-03-02T07:00:00Z"' out | uniq)" true
is 'and nothing from then on' "$(jq -r '.error // empty | .code' out |
    uniq)" auth

# -R is for what a record does not say.
cp -R "$SSCARD_DATA" data
jq '.seals.required = true' "$SSCARD_DATA/policies/00.json" \
    >data/policies/00.json
echo '{"seals": {"required": false, "roles": {"return": ["clerk"]}},
    "review": {"other_than_clerk": false}}' >data/policies/22.json
forms_of 1 | jq -c '.region = "110105"' >form
at "$NOW" ss-apply -q -g none -o zhao form >unsealed
for region in 110105 220100; do
	SSCARD_DATA=data status "unsealed, -R $region" 1 at "$NOW" \
	    ss-verify -g none -R $region -o li unsealed
	is 'is refused' "$(jq -r .error.code out)" auth
	by zhao ss-apply form >sealed
	SSCARD_DATA=data status "by the clerk, -R $region" 1 by zhao \
	    ss-verify -R $region sealed
done

# What a form says may be mended, the columns that nobody knows too.
jq -c '.extra = {remark: "a"}' form | by zhao ss-apply | by li ss-verify \
    >returned
is 'returned' "$(jq -r .state returned)" returned
jq -c '.extra.remark = "b"' returned >mended
ok 'a column is mended' by zhao ss-apply mended

# A number that is no integer is good by no seal.
python3 "$SS_TOP/tests/seals.py" --new sm2 --operator wu --roles clerk wu.pem \
    >line
cat state/sscard/trust line >trust
chmod 644 trust
cat >real.py <<'END'
import sys
import seals
import sm

key = seals.read_key("wu.pem", "wu")
record = seals.parse(sys.stdin.buffer.readline().rstrip())
record["mine"] = "1.5"
seal = seals.statement(record, "apply", key, "2026-03-02T01:00:00Z")
seal["covers"]["mine"] = sm.sm3(b"1.5").hex()
root, paths = seals.tree([seals.leaf(seal)])
seal.update(path=paths[0], signature=key.sign(root))
record["seals"] = [seal]
print(seals.text(record).replace('"1.5"', "1.5"))
END
python3 real.py <unsealed >real
status 'a real number' 1 by li ss-verify --trust trust real
like 'is refused' "$(jq -r .error.message out)" 'mine is not what was sealed'

# A token that fails once: what was for this desk is not lost.
mkdir tokens
echo "directories.tokendir = $W/tokens" >softhsm2.conf
export SOFTHSM2_CONF="$W/softhsm2.conf" SSCARD_REGISTRY="sqlite:$W/registry.db"
softhsm2-util --init-token --free --label desk --so-pin 98765432 --pin 123456 \
    >/dev/null
(umask 077 && echo 123456 >pin)
uri="pkcs11:token=desk;object=co?module-path=$SS_TOOLS/token-fault.so"
ok 'a key in a token' sh -c "faketime -f '$NOW' ss-key -q operator new co \
    -o '$uri' --operator-fd 3 --algorithm p256 --role counter -R 11 3<pin"
for n in 881 882; do
	form "A$n" "$(citizen 110101 19900307 $n)"
done | SSCARD_OPERATOR=wang approve >approved
SSCARD_OPERATOR=wang make <approved >made
for file in made approved; do
	jq -c '.collector = {id_type: .person.id_type, id_until: "长期",
	    id_number: .person.id_number}' $file >in
	status "a token fails over $file" 3 env TOKEN_FAULT='C_Sign 1 30' \
	    TZ=UTC faketime -f "$NOW" ss-collect -q -o "$uri" \
	    --operator-fd 3 in 3<pin
	is 'they go out as they came' "$(jq -cS 'del(.error)' out)" \
	    "$(jq -cS . in)"
done
ok 'and can be given again' sh -c "TZ=UTC faketime -f '$NOW' ss-collect -q \
    -o '$uri' --operator-fd 3 in 3<pin"

# A link that leads nowhere is not made a file.
ln -s nowhere link
status 'a link without its end' 3 ss-key -q operator import --as-is \
    --trust link line
ok 'stays one' test -L link
done_testing
