#!/bin/sh
# What seals refuse, and what the sentence says: operators who may not, records
# that were changed, seals that are not this record's or nobody's; that nothing
# is done then, with a register and without; and what seals allow.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"
# shellcheck source=tests/sealed.sh
. "$SS_TOP/tests/sealed.sh"

register=$SSCARD_REGISTRY
export SSCARD_REGISTRY=none
form a "$(people 1 1)" >a.form
form b "$(people 1 2)" >b.form
as wang ss-apply -q a.form >a
as wang ss-apply -q b.form >b
no() { # TEXT PATTERN FILE [NAME]: li (or another) may not review it
	refused "$1" auth "$2" 1 review "${4:-li}" "$3"
	is "$1: it goes out as it came" "$(jq -cS 'del(.error)' out)" \
	    "$(jq -cS . "$3")"
}
stops() { # TEXT PATTERN COMMAND...: before any record
	_what=$1 _pattern=$2
	shift 2
	status "$_what: the status" 3 "$@"
	like "$_what" "$(cat err)" "$_pattern"
	is "$_what: nothing comes out" "$(cat out)" ''
}
changed() { # FILE JQ: the record, changed
	jq -c "$2" "$1" >"$1.changed"
	echo "$1.changed"
}
trusting() { # JQ: another trust file, each line changed
	jq -c "$1" trust >trust.other
	chmod 644 trust.other
	export SSCARD_TRUST="$W/trust.other"
}
trusting_all() {
	export SSCARD_TRUST="$W/trust"
}

# --- who works
refused 'a name, where seals are required' auth \
    'region 110101 requires seals; --operator has to be a key' 1 \
    at "$NOW" ss-apply -q -o wang a.form
refused 'a name, for a record that has a seal' auth \
    'the record is sealed; --operator has to be a key' 1 \
    at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face a
refused 'the clerk, as reviewer' policy 'the reviewer is the clerk' 1 \
    review wang a
as both ss-apply -q a.form >by-both
refused 'the clerk, as reviewer, with both roles' policy \
    'the reviewer is the clerk' 1 review both by-both
refused 'another role' auth \
    'chen has no role that may approve in region 110101' 1 review chen a
refused 'another region' auth 'ma is no operator of region 110101' 1 \
    review ma a
stops 'a key that is not known' 'does not know the key [0-9a-f]{16}' \
    review stranger a
stops 'one that has expired' 'expired|until|no longer' as old ss-apply a.form
stops 'one that is not yet valid' 'not yet|before|from' as young ss-apply a.form
stops 'a wrong passphrase' 'passphrase' sh -c "echo x |
    ss-verify -o 'file:$W/li.key' --operator-fd 0 a"
stops 'a key that is not there' 'nobody.key' sh -c \
    "ss-verify -o 'file:$W/nobody.key' --operator-fd 5 a 5<pass"

# --- what the record has
jq -c . a >good
status 'the record as it is' 0 review li good
status 'with key and trust file by variables' 0 \
    at "$NOW" env SSCARD_OPERATOR="file:$W/li.key" ss-verify -q \
    --operator-fd 5 --attest likeness,bareheaded,face good 5<pass
is 'their seal' "$(steps out)" 'apply wang, approve li'
status 'other blanks, order and escapes' 0 sh -c 'jq --tab -S -a . a |
    tr -d "\n\t" >spread; echo >>spread'
status 'break no seal' 0 review li spread
no 'a changed member' 'member person is not what was sealed' \
    "$(changed a '.person.name = "李四"')"
no 'a removed member' 'member photo was sealed by wang and is missing' \
    "$(changed a 'del(.photo)')"
no 'a member that is null, which counts as none' \
    'member photo was sealed by wang and is missing' \
    "$(changed a '.photo = null')"
no 'an added member' 'member note is sealed by nobody' \
    "$(changed a '.note = "x"')"
no 'no seals' 'the record has no seals, which region 110101 requires' \
    "$(changed a 'del(.seals)')"
no 'an empty list of seals' 'seals: no array' "$(changed a '.seals = []')"
no 'seals of another record' 'seal 1: is that of another record' \
    "$(jq -c --slurpfile b b '.seals = $b[0].seals' a >a.b && echo a.b)"
no 'and with its id' 'member [a-z]+ is not what was sealed' \
    "$(changed a.b '.id = "b"')"
review li a >a2
as li ss-verify -q a >pending
no 'the first seal removed' 'seal 1: (covers no id|does not follow)' \
    "$(changed a2 '.seals |= .[1:]')"
no 'seals swapped' 'seal 1: (covers no id|does not follow)' \
    "$(changed a2 '.seals |= reverse')"
no 'the same seal twice' 'seal 3: does not follow the one before it' \
    "$(changed a2 '.seals += [.seals[1]]')"
no 'the last seal removed alone' 'state: is not the one' \
    "$(changed a2 '.seals |= .[:1]')"
no 'the state alone changed' 'state: is not the one' \
    "$(changed a '.state = "pending"')"
no 'another time in the seal' 'the seal of wang for apply is not genuine' \
    "$(changed a '.seals[0].time = "2026-03-01T01:00:00Z"')"
no 'another operator in the seal' "its key is that of wang" \
    "$(changed a '.seals[0].operator = "gone"')"
no 'another step in the seal' 'the seal of wang for approve is not genuine' \
    "$(changed a '.seals[0].step = "approve"')"
no 'the signature of another' 'the seal of wang for apply is not genuine' \
    "$(jq -c --slurpfile b b '.seals[0].signature = $b[0].seals[0].signature' \
    a >a.s && echo a.s)"
no 'a path that leads elsewhere' 'the seal of wang for apply is not genuine' \
    "$(changed a '.seals[0].path = ["l" + .seals[0].key]')"
no 'another member in a seal' 'seal 1: has other members' \
    "$(changed a '.seals[0].note = "x"')"
no 'more members than a seal may cover' 'seal 1: covers' \
    "$(changed a '.seals[0].covers.error = null')"

# --- the trust file
export SSCARD_TRUST="$W/nowhere"
stops 'no trust file' 'nowhere' review li a
trusting 'select(.operator != "wang")'
no 'one without the clerk' 'does not know key [0-9a-f]{16} of wang' a
trusting 'if .operator == "wang" then .operator = "weng" else . end'
no 'another name for the key' "names wang, but its key is that of weng" a
trusting 'if .operator == "wang" then .until = "2026-03-01T00:00:00Z"
    else . end'
no 'sealed after the end of its key' 'the seal of wang for apply: ' a
trusting 'if .operator == "wang" then .from = "2026-03-03T00:00:00Z"
    else . end'
no 'sealed before its beginning' 'the seal of wang for apply: ' a
trusting 'if .operator == "wang" then .roles = ["counter"] else . end'
no 'a clerk who is none' 'wang has no role that may apply' a
trusting 'if .operator == "wang" then .regions = ["220100"] else . end'
no 'a clerk of another region' 'wang is no operator of region 110101' a
trusting 'if .operator == "wang" then .public = "AAAA" else . end'
status 'a trust file that was altered: the status' 2 review li a
like 'a trust file that was altered' "$(cat err)" 'trust.other: line 1: '
trusting .
chmod 666 trust.other
stops 'one that anybody may write' 'trust.other' review li a
trusting_all
cp trust trust.kept
ss-key operator revoke wang --at 2026-03-02T01:00:00Z >/dev/null
no 'revoked before the seal' 'the seal of wang for apply: .*revoked' a
cp trust.kept trust
ss-key operator revoke wang --at 2026-03-02T01:00:01Z >/dev/null
status 'revoked after the seal' 0 review li a
stops 'a revoked key seals nothing any more' 'revoked' \
    at '2026-03-03 00:00:00' ss-apply -o "file:$W/wang.key" --operator-fd 5 \
    a.form 5<pass
cp trust.kept trust

# --- seals that the other implementation makes
python3 "$SS_TOP/tests/seals.py" --new sm2 --operator forger --roles clerk \
    --regions 110000 forger.key >forger.line
forge() { # STEP RECORD [OPTION...]
	_step=$1 _of=$2
	shift 2
	python3 "$SS_TOP/tests/seals.py" --sign "$_step" --operator forger \
	    --time 2026-03-02T01:00:00Z "$@" forger.key <"$_of"
}
jq -c 'del(.seals) | .applied.by = "forger"' a | tee plain |
    forge apply /dev/stdin >forged
no 'sealed by a key that nobody knows' 'does not know key' forged
ss-key operator import --as-is <forger.line >/dev/null 2>&1
status 'and by one that is known' 0 review li forged
is 'it goes on' "$(steps out)" 'apply forger, approve li'
forge approve plain >not-apply
no 'whose first step is another' 'forger has no role that may approve' not-apply
forge mend plain >not-apply
no 'whose first step is mend' 'seal 1: mend is no step from ' not-apply
forge apply forged >twice
no 'applied twice' 'seal 2: apply is no step from ' twice
forge apply plain --operator wang >named
no 'under another name' 'names wang, but its key is that of forger' named
python3 "$SS_TOP/tests/seals.py" --new p256 --operator twin \
    --roles clerk,reviewer --regions 000000 twin.key |
    ss-key operator import --as-is >/dev/null 2>&1
jq -c '.applied.by = "twin"' plain | python3 "$SS_TOP/tests/seals.py" \
    --sign apply --operator twin twin.key >twin1
jq -c '.state = "pending"' twin1 | python3 "$SS_TOP/tests/seals.py" \
    --sign hold --operator twin twin.key >twin2
status 'one with two roles may apply' 0 review li twin1
no 'but not review the same' 'twin reviewed an application that twin took' \
    twin2
jq -c '.state = "approved"' plain | forge apply /dev/stdin >ahead
no 'with a state that no step leads to' \
    'state: is not the one to which the sealed steps lead' ahead
jq -c '.id = "c"' plain | cat plain - | forge apply /dev/stdin --together >tree
status 'two under one root' 0 review li tree

# --- where seals are not required
own_policy .
at "$NOW" ss-apply -q -o wang a.form >bare
status 'names do' 0 \
    at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face bare
is 'and seal nothing' "$(steps out)" ''
status 'a key seals what had no seal' 0 review li bare
is 'all of it' "$(steps out; jq -c '(.seals[0].covers | keys) -
    (del(.seals) | keys)' out)" 'approve li
[]'
refused 'a sealed record stays one' auth 'the record is sealed' 1 \
    at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face a
own_policy '.seals.required = true'

# --- with a register
export SSCARD_REGISTRY="$register"
as wang ss-apply -q a.form >a
review li a >a2
refused 'a changed member, with a register' auth \
    'member person is not what the register has' 1 \
    review li "$(changed a '.person.name = "李四"')"
refused 'a seal that was changed' auth 'member seals is not' 1 \
    review li "$(changed a2 '.seals[0].time = "2026-03-01T01:00:00Z"')"
status 'the end cut off' 0 review li \
    "$(changed a2 'del(.review) | .state = "applied" | .seals |= .[:1]')"
is 'is an earlier form, and becomes the present one' "$(steps out)" \
    'apply wang, approve li'
refused 'a name, with a register' auth 'the record is sealed' 1 \
    at "$NOW" ss-cancel -q -o sun --reason error a2
refused 'the wrong role, with a register' auth \
    'chen has no role that may cancel' 1 as chen ss-cancel -q --reason error a2
is 'nothing was done' "$(now a)" "$(jq -cS . a2)"
trusting 'select(.operator != "li")'
refused 'a reviewer who is not known any more' auth \
    'does not know key [0-9a-f]{16} of li' 1 \
    as sun ss-cancel -q --reason error a2
trusting_all
form c "$(people 1 3)" '| .person.email = "c@example.org" |
    del(.photo)' | as wang ss-apply -q | review li >c2
mkdir spool
refused 'mail by another than the counter' auth \
    'li has no role that may notify' 1 \
    as li ss-notify -q --from x@example.org --out spool c2
is 'no mail was written' "$(ls spool)" ''
status 'and by the counter' 0 \
    as chen ss-notify -q --from x@example.org --out spool c2
is 'one was' "$(find spool -type f | wc -l)" 1
cp trust trust.other
echo '{"operator":1}' >>trust.other
SSCARD_TRUST=$W/trust.other
refused 'a trust file that was altered, by a name' auth \
    'seals cannot be proven: .*trust.other: line [0-9]+: ' 1 \
    at "$NOW" ss-cancel -q -o sun --reason error a2
trusting_all
chip card --serial 9
ss-softcard show card >blank
refused 'a card for a record without seals' auth 'member seals is not' 1 \
    card_as zhao ss-encode -q -r soft:card "$(changed a2 'del(.seals)')"
refused 'a card by another than a maker' auth 'chen has no role that may make' \
    1 card_as chen ss-encode -q -r soft:card a2
is 'the card is as it was' "$(ss-softcard show card)" "$(cat blank)"
audit 'after all of that'

# --- seals that are required from a day on
own_policy '.seals.required = false'
form since "$(people 1 70)" | at '2026-02-20 01:00:00' ss-apply -q -o wang \
    >since.jsonl
form later "$(people 1 71)" | at '2026-03-01 01:00:00' ss-apply -q -o wang \
    >later.jsonl
own_policy '.seals.required = true'
refused 'one from before, where they always were' auth 'has no seals' 1 \
    as li ss-verify -q since.jsonl
own_policy '.seals.required = true | .seals.since = "2026-03-01"'
refused 'one from that day' auth 'has no seals' 1 as li ss-verify -q later.jsonl
refused 'one from before, by a name' auth 'requires seals' 1 \
    at "$NOW" ss-verify -q -o li since.jsonl
refused 'without a register' auth 'has no seals' 1 \
    as li ss-verify -q --registry none since.jsonl
status 'one from before, by a key' 0 as li ss-verify -q since.jsonl
is 'gets its first seal' "$(jq -r '[.seals[] | .step, .operator] | join(" ")' \
    out)" "$(jq -r '.state | {approved: "approve", pending: "hold",
    returned: "return"}[.]' out) li"
ok 'that covers everything' sh -c 'jq -e ".seals[0].covers | has(\"person\") and
    has(\"applied\") and has(\"review\")" out'
cp out first.jsonl
status 'it goes on from there' 0 as li ss-verify -q first.jsonl
own_policy '.seals.since = "2026-02-30"'
status 'a day that is none' 3 sh -c 'ss-verify -q -R 11 </dev/null'
like 'is named' "$(cat err)" 'seals.since: a day'
own_policy '.seals.required = true'

done_testing
