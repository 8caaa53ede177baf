#!/bin/sh
# ss-activate: who may have a card brought into use, and which card it must be.
# shellcheck disable=SC2016,SC2317 # jq has variables, too; by way of status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

a=$(citizen 110101 19900307 881)
c=$(citizen 110101 20150307 882)	# a child
m=$(citizen 110101 19880307 883)	# its mother
h=$(citizen 110101 19700307 884)	# somebody else

run() { # STATUS CARD ARGUMENTS...
	_want=$1
	shift
	status "status of ss-activate $*" "$_want" activate "$@"
}
with() { # ID MEMBERS: the record with who stands there
	jq -c --arg a "$a" --arg c "$c" --arg m "$m" --arg h "$h" \
	    '.collector = {id_type: "citizen", id_number: $a,
	    id_until: "长期"} + '"${2:-{\}}" "$1.jsonl"
}
refused() { # TEXT ID MEMBERS WANT: nothing is stored, the input stays
	with "$2" "$3" >in
	run 1 "$2.chip" in
	is "$1" "$(said)" "$4"
	is 'goes out as it came in, and nothing is stored' \
	    "$(jq -cS 'del(.error)' out; where "$2" | jq -r .step)" \
	    "$(jq -cS . in; echo collect)"
}
active() { # ID...: its state, its card's status
	where "$@" | jq -r '.state + " " + .status' | xargs
}

# --- states
made A "$a" 1
run 1 A.chip --attest identity A.jsonl
is 'one that nobody has yet' "$(said)" 'state: the application is made, '\
'which "activate" does not begin from'
approved B "$m"
run 0 A.chip --attest identity B.jsonl
is 'one without a card passes' "$(cmp out B.jsonl && cat err)" \
    'ss-activate: 1 record: 1 passed untouched'
collect <A.jsonl >made && mv made A.jsonl

# --- who stands there
run 1 A.chip A.jsonl
is 'nobody' "$(said)" 'policy: who stands at the counter is not identified; '\
'give "collector" in the record, or say --attest identity'
run 2 A.chip --attest likeness A.jsonl
run 2 A.chip -j 2 --attest identity A.jsonl
refused 'a stranger' A '{id_number: $h}' 'policy: collector.id_number: the '\
'document is not the applicant'"'"'s; is it another one'"'"'s card?'
refused 'an expired document' A '{id_until: "2026-03-01"}' 'policy: '\
'collector.id_until: the document has expired; ask for a valid one'
refused 'a number that is none' A '{id_number: ($a[:17] + "y")}' \
    'invalid: collector.id_number: not 17 digits and a digit or X at the end'
with A >in
run 0 A.chip -n in
is 'a dry run' "$(jq -c '[.state, .activation.status]' out) $(active A)" \
    '["active","normal"] collected dormant'
run 0 A.chip in
is 'by the holder'"'"'s document' "$(jq -c '[.state, .collector, .activation]' \
    out)" '["active",null,{"time":"2026-03-02T01:00:00Z","by":"zhang",'\
'"station":"c1","identified":"document","status":"normal"}]'
is 'the register has what went out' "$(now A) $(active A)" \
    "$(jq -cS . out) active normal"
run 0 A.chip in
is 'again, from an earlier form: already' \
    "$(jq -c '[.already, .state, .collector]' out)" '[true,"active",null]'
run 0 A.chip
is 'the card says which record it is: already' \
    "$(jq -c '[.id, .already, .state]' out)" '["A",true,"active"]'

jq -nc --arg c "$c" --arg m "$m" '{id: "C", region: "110101", person: {
    name: "王小", id_number: $c, id_until: "长期", phone: "13800138000",
    address: "东城区1号", guardian: {name: "王妈", id_number: $m,
    relation: "mother"}}, photo: "p.jpg", documents: {identity: "one.pdf",
    "guardian-identity": "one.pdf", relation: "relation.pdf"}}' |
    approve >C.jsonl
chip C.chip --serial 2
encode C.chip C.jsonl >made
jq -c --arg h "$h" '.collector = {through: "guardian", id_number: $h,
    name: "王爷", relation: "grandparent", id_until: "长期",
    documents: {relation: "relation.pdf"}}' made |
    at "$NOW" ss-collect -q >C.jsonl
refused 'a stranger for a child' C '{through: "guardian"}' 'policy: '\
'collector.id_number: is not that of who collected the card, nor of a '\
'guardian proven with the application'
with C '{through: "guardian", id_number: $m}' >in
run 0 C.chip -n in
is 'the guardian of the application' "$(jq -r .activation.identified out)" \
    document
with C '{through: "guardian", id_number: $h}' >in
run 0 C.chip in
is 'who collected the card' "$(jq -r .state out)" active

# --- which card it is
collected D "$h" 3
run 1 A.chip --attest identity D.jsonl
is 'another one'"'"'s card' "$(said)" 'state: the card in the reader is that '\
'of application A, not of this record'
chip blank --serial 4
run 1 blank --attest identity D.jsonl
is 'an unknown card' "$(said)" 'state: the card in the reader is not that of '\
'this record, and the register does not know it'
run 3 blank --attest identity
like 'that alone' "$(cat err)" \
    '^ss-activate: the register sqlite:.* does not know this card$'
jq -c '.person.name = "李四"' D.jsonl >in
run 1 D.chip --attest identity in
is 'an altered record' "$(said)" \
    'auth: member person is not what the register has'
# Chips with the same reset bytes and identifier, and with what a forger has.
chip forged --serial 3 --key-version 2
run 1 forged --attest identity D.jsonl
like 'one without our keys' "$(said)" '^auth: .*not genuine'
chip other --serial 3
run 1 other --attest identity D.jsonl
is 'one without the number' "$(said)" \
    'auth: the card'"'"'s number is not that of the record'
is 'none of them is in use' "$(active D)" 'collected dormant'
status 'without keys' 3 env -u SSCARD_KEYS faketime "$NOW" ss-activate -q \
    -r soft:D.chip --attest identity D.jsonl
run 0 D.chip --attest identity
is 'the card first' "$(jq -c '[.id, .state, .activation.identified]' out)" \
    '["D","active","attested"]'

# --- two records, one reader: the second one's card is not there
e=$(citizen 110101 19900307 891)
f=$(citizen 110101 19900307 892)
collected E "$e" 5
collected F "$f" 6
cat E.jsonl F.jsonl >two
run 1 F.chip --attest identity two
is 'two records: each by its own card' "$(jq -r '.id + " " + .state' out |
    xargs) $(active E F)" 'E collected F active collected dormant active normal'
is 'the other one is told' "$(said)" 'state: the card in the reader is that '\
'of application F, not of this record'
run 0 E.chip --attest identity two
is 'and the other way round' "$(jq -c '[.id, .state, .already]' out | xargs)" \
    '[E,active,null] [F,active,true]'

# --- a guardian whom nobody has proven is none
collected H "$(citizen 110101 19900307 894)" 8 '| .person.guardian = {
    name: "赵六", id_number: "'"$h"'", relation: "other"}'
refused 'of a grown-up' H '{through: "guardian", id_number: $h}' 'policy: '\
'collector.id_number: is not that of who collected the card, nor of a '\
'guardian proven with the application'

audit 'after all'
done_testing
