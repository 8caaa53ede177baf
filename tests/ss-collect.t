#!/bin/sh
# ss-collect: who may have a card, what is kept of it, and cards taken back.
# shellcheck disable=SC2016 # jq has variables, too
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"

a=$(citizen 110101 19900307 881)
c=$(citizen 110101 20150307 882)	# a child
m=$(citizen 110101 19880307 883)	# its mother
h=$(citizen 110101 19700307 884)	# somebody else
y=$(citizen 110101 20090307 885)	# one of sixteen
run() { # STATUS ARGUMENTS...
	_want=$1
	shift
	status "status of ss-collect $*" "$_want" at "$NOW" ss-collect "$@"
}
with() { # FILE MEMBERS: the record with a collector
	jq -c --arg a "$a" --arg c "$c" --arg m "$m" --arg h "$h" --arg y "$y" \
	    '.collector = {id_type: "citizen", id_number: $a,
	    id_until: "长期"} + '"${2:-{\}}" "$1"
}
refused() { # TEXT FILE MEMBERS WANT: nothing is stored, the input stays
	with "$2" "$3" >in
	run 1 in
	is "$1" "$(said)" "$4"
	is 'goes out as it came in' "$(jq -cS 'del(.error)' out)" \
	    "$(jq -cS . in)"
}
events() {
	ss-registry history "$1" | wc -l
}
stored() {
	find "$SSCARD_FILES" -type f | wc -l
}

# The holder.
form A "$a" | approve >approved
run 0 approved
is 'one that is not made passes' "$(cmp out approved && cat err)" \
    'ss-collect: 1 record: 1 passed untouched'
make <approved >made
run 1 made
is 'nobody who collects' "$(said)" 'invalid: collector: is missing; an '\
'object with through, id_type, id_number and id_until is wanted'
before=$(stored)
n=$(events A)
refused 'another number' made '{id_number: $h}' 'policy: '\
'collector.id_number: the document is not the applicant'"'"'s; is it another '\
'one'"'"'s card?'
refused 'another name' made '{name: "李四"}' 'invalid: collector.name: '\
'is not the one that the application has with this document'
refused 'another kind' made '{id_type: "passport", id_number: "E12345678"}' \
    'policy: collector.id_number: the document is not the applicant'"'"'s; '\
'is it another one'"'"'s card?'
refused 'an expired document' made '{id_until: "2026-03-01"}' 'policy: '\
'collector.id_until: the document has expired; ask for a valid one'
refused 'no end' made '{id_until: null}' \
    'invalid: collector.id_until: is missing'
refused 'a number that is none' made '{id_number: ($a[:17] + "y")}' \
    'invalid: collector.id_number: not 17 digits and a digit or X at the end'
refused 'a member that is none' made '{number: "1"}' \
    'invalid: collector.number: no such member'
refused 'a kind that is none' made '{through: 1}' \
    'invalid: collector.through: a string is wanted, not a whole number'
is 'nothing was stored' "$(events A) $(stored)" "$n $before"
jq -c '.collector = 1' made >in
run 1 in
like 'no object' "$(said)" '^invalid: collector: is missing'
jq -c '.person.name = "李四"' made >altered
with altered >in
run 1 in
is 'an altered record' "$(said)" \
    'auth: member person is not what the register has'
with made '{name: "张三", id_until: "2026-03-02",
    documents: {identity: "paper.pdf"}}' >in
run 0 -n in
is 'a dry run' "$(jq -r .state out) $(where A | jq -r .state) $(stored)" \
    "collected made $before"
run 0 in
is 'the document of today' "$(jq -c '[.state, .collector, .collection]' out)" \
    "[\"collected\",null,{\"time\":\"2026-03-02T01:00:00Z\",\"by\":\"wang\"\
,\"station\":\"d1\",\"through\":\"holder\",\"id_type\":\"citizen\"\
,\"id_number\":\"$a\",\"id_until\":\"2026-03-02\",\"name\":\"张三\"\
,\"documents\":[{\"kind\":\"identity\",\"sm3\":\"$(jq -r \
'.collection.documents[0].sm3' out)\",\"path\":\"paper.pdf\",\"bytes\":6}]}]"
is 'its copy is in the store' "$(stored)" $((before + 1))
is 'the register has what went out' "$(now A)" "$(jq -cS . out)"
cp out collected
run 0 in
is 'an earlier form with a collector: already' \
    "$(jq -c '[.already, .collector, .state]' out)" '[true,null,"collected"]'
run 0 collected
is 'the same again: already' "$(jq -c .already out)" true
at "$NOW" activate -q collected >active
run 0 active
is 'one in use: already' "$(jq -c .already out)" true

# A wrong card, taken back.
run 1 --take-back active
is 'not one that is in use' "$(said)" 'state: the application is active, '\
'which "take-back" does not begin from'
form B "$h" | approve | make | collect >collected
form D "$m" | approve | make >made
run 1 --take-back made
is 'nor one that nobody has' "$(said)" 'state: the application is '\
'made, which "take-back" does not begin from'
run 0 --take-back --reason "  给错了人
" collected
is 'taken back' "$(jq -c '[.state, (.collection | del(.earlier))]' out)" '["made",{"time":'\
'"2026-03-02T01:00:00Z","by":"wang","station":"d1","taken_back":true,'\
'"reason":"给错了人"}]'
cp out back
run 0 --take-back back
is 'again: already' "$(jq -c .already out)" true
run 0 --take-back collected
is 'from an earlier form: already' "$(jq -c .already out)" true
with back '{id_number: $h}' >in
run 0 in
is 'and handed over at last' "$(jq -c '[.state, .collection.taken_back,
    .already]' out)" '["collected",null,null]'
is 'what was before is kept, in order' "$(jq -c '[.collection.earlier[] |
    [.taken_back, .reason, has("id_number"), has("earlier")]]' out)" \
    '[[null,null,true,false],[true,"给错了人",false,false]]'
number=$(jq -r .card.number out)
run 0 --take-back --card "$number"
is 'by its number' "$(jq -r '.id + " " + .state' out)" 'B made'
run 2 --card "$number"
run 2 --person "$h"
run 2 --reason x back
run 2 --take-back --reason "$(printf '\377')" back
like 'a reason that is no text' "$(cat err)" '^ss-collect: --reason: '

# A guardian.
jq -nc --arg c "$c" --arg m "$m" '{id: "C", region: "110101", person: {
    name: "王小", id_number: $c, id_until: "长期", phone: "13800138000",
    address: "东城区1号", guardian: {name: "王妈", id_number: $m,
    relation: "mother"}}, photo: "p.jpg", documents: {identity: "one.pdf",
    "guardian-identity": "one.pdf", relation: "relation.pdf"}}' >child
approve <child | make >minor
is 'a card for a child' "$(jq -r .state minor)" made
g='through: "guardian", id_number: $m, name: "王妈"'
before=$(stored)
refused 'the child by its own document' minor '{through: "guardian",
    id_number: $c, name: "王小"}' 'invalid: collector.through: the document '\
'is the applicant'"'"'s; say holder'
refused 'another guardian, no relation' minor \
    '{through: "guardian", id_number: $h, name: "王爷"}' 'invalid: '\
'collector.relation: is missing; this is not the guardian of the application'
refused 'nor proof' minor '{through: "guardian", id_number: $h, name: "王爷",
    relation: "grandparent", documents: {identity: "paper.pdf"}}' 'policy: '\
'collector.documents: relation is missing; 1 wanted'
refused 'the number under another name' minor "{$g} + {name: \"李四\"}" \
    'invalid: collector.name: is not the one that the application has with '\
'this document'
refused 'one too young' minor '{through: "guardian", id_number: $y,
    name: "王哥", relation: "sibling", documents: {relation: "one.pdf"}}' \
    'policy: collector.id_number: is younger than '\
'apply.representative_from asks'
refused 'a file that is not there' minor "{$g, documents: {other: \"no.pdf\"}}" \
    'missing: collector: documents.other: No such file or directory'
is 'nothing was stored' "$(stored)" "$before"
with minor "{$g}" >in
run 0 in
is 'the guardian of the application' "$(jq -c '[.state,
    .collection.through, .collection.name]' out)" \
    '["collected","guardian","王妈"]'
at "$NOW" ss-collect -q --take-back out >minor
with minor '{through: "监护人", id_number: $h, name: "王爷",
    relation: "grandparent", documents: [{kind: "关系证明",
    path: "relation.pdf"}]}' >in
run 0 in
is 'another one, with proof' "$(jq -c '[.collection.through,
    .collection.relation, .collection.documents[].kind]' out)" \
    '["guardian","grandparent","relation"]'

# Named in a form for a grown-up, nobody has asked for proof.
g2=$(citizen 110101 19900307 887)
form G "$g2" '| .person.guardian = {name: "赵六", id_number: "'"$h"'",
    relation: "other"}' | approve | make >grown
refused 'a guardian without proof' grown '{through: "guardian",
    id_number: $h, name: "赵六", relation: "other"}' 'policy: '\
'collector.documents: relation is missing; 1 wanted'

# A proxy brings the holder's document and an authorisation.
p='through: "proxy", id_number: $h, name: "赵六"'
before=$(stored)
refused 'without a name' grown '{through: "proxy", id_number: $h}' \
    'invalid: collector.name: is missing'
refused 'without the holder'"'"'s document' grown \
    "{$p, documents: {authorisation: \"paper.pdf\"}}" \
    'policy: collector.documents: identity is missing; 1 wanted'
refused 'without an authorisation' grown \
    "{$p, documents: {identity: \"letter.pdf\"}}" \
    'policy: collector.documents: authorisation is missing; 1 wanted'
is 'and none of their files is stored' "$(stored)" "$before"
with grown "{$p, documents: {identity: \"letter.pdf\",
    authorisation: \"paper.pdf\", \"proxy-identity\": \"one.pdf\"}}" >in
run 0 in
is 'with both' "$(jq -c '[.collection.through,
    (.collection.documents | map(.kind))]' out)" '["proxy",["identity",'\
'"authorisation","proxy-identity"]]'

# An employer: a letter, two handlers, five working days.
e=$(citizen 110101 19900307 888)
form E "$e" | approve | make >made
w='through: "employer", id_number: $h, name: "赵六"'
refused 'no letter' made "{$w}" \
    'policy: collector.documents: employer-letter is missing; 1 wanted'
refused 'one handler' made "{$w, documents: {\"employer-letter\":
    \"letter.pdf\", \"handler-identity\": \"one.pdf\"}}" \
    'policy: collector.documents: handler-identity is missing; 2 wanted'
refused 'one handler twice' made "{$w, documents: {\"employer-letter\":
    \"letter.pdf\", \"handler-identity\": [\"one.pdf\", \"one.pdf\"]}}" \
    'invalid: collector: documents.handler-identity: the same file twice;'\
' another one is wanted, or one alone'
with made "{$w, documents: {\"employer-letter\": \"letter.pdf\",
    \"handler-identity\": [\"one.pdf\", \"paper.pdf\"]}}" >in
run 0 in
is 'two, and by when it is handed on' "$(jq -c '[.collection.hand_on_by,
    (.collection.documents | length)]' out)" '["2026-03-09T16:00:00Z",3]'

# Policies: who may, and what was sealed.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
cat >data/policies/1101.json <<'EOT'
{"collect": {"through": ["holder", "proxy"], "uncollected_after": "6 months",
 "seal_uncollected": true}}
EOT
export SSCARD_DATA="$W/data"
f=$(citizen 110101 19900307 889)
form F "$f" | approve | make >made
refused 'no employers here' made "{$w}" \
    'policy: collector.through: employer may not collect cards in 110100'
at '2026-10-01 00:00:00' ss-cancel -q --reason uncollected made >sealed
is 'sealed' "$(jq -c '[.state, .cancellation.sealed]' sealed)" '["made",true]'
refused 'a sealed one, to a proxy' sealed "{$p, documents: {
    identity: \"letter.pdf\", authorisation: \"paper.pdf\"}}" 'policy: '\
'collector.through: the card was sealed as uncollected; only its holder or a '\
'guardian can ask for it'
with sealed '{id_number: "'"$f"'"}' >in
run 0 in
is 'to its holder' "$(jq -r .state out)" collected

# Many at once, and another station.
: >forms
i=100
while [ $i -lt 120 ]; do
	form "N$i" "$(citizen 110101 19850101 $i)" >>forms
	i=$((i + 1))
done
approve <forms | make >made
jq -c '.collector = {id_number: .person.id_number, id_until: "长期"}' made |
    sed '7s/"id_until":"长期"/"id_until":"2020-01-01"/' >in
run 1 -j4 in
is 'by four threads, in order' "$(jq -r '.id' out | xargs)" \
    "$(jq -r .id in | xargs)"
is 'all but the one' "$(jq -r .state out | sort | uniq -c | xargs)" \
    '19 collected 1 made'
is 'that one alone failed' "$(jq -r 'select(.error) | .id' out)" N106
{
	sed -n 7p in | sed 's/2020-01-01/2030-01-01/'
	sed -n 7p in | sed 's/2020-01-01/2031-01-01/'
} >twice
run 0 twice
is 'twice in one group: the first' "$(jq -c '[.state, .collection.id_until,
    .already]' out)" '["collected","2030-01-01",null]
["collected","2030-01-01",true]'
status 'without a register' 2 ss-collect -g none made
run 1 -g "$W/none.db" made
is 'with another one' "$(jq -r .error.code out | uniq)" missing
is 'the books are right' "$(ss-registry audit 2>&1 |
    sed 's/.*: //')" '0 faults'
done_testing
