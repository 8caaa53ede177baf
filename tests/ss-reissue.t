#!/bin/sh
# ss-reissue: an application for the card that takes another one's place, and
# what the activation of the new one does to the old one.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"

run() { # STATUS ARGUMENTS...
	_want=$1
	shift
	status "status of ss-reissue $*" "$_want" at "$NOW" ss-reissue "$@"
}
refused() { # TEXT WANT ARGUMENTS...: in in, and nothing is stored
	_text=$1
	_error=$2
	shift 2
	_before=$(ss-registry list | wc -l)
	run 1 "$@" in
	is "$_text" "$(said)" "$_error"
	is 'goes out as it came in' "$(jq -cS 'del(.error)' out)" \
	    "$(jq -cS . in)"
	is 'and no application is made' "$(ss-registry list | wc -l)" "$_before"
}
second() { # the way of the new card, until it is in use
	at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face |
	    make | collect | at "$NOW" activate -q
}
# Usage, and what is no card in use.
for args in '' '--reason stolen' '--reason lost --handed-in'; do
	# shellcheck disable=SC2086 # several arguments
	run 2 $args /dev/null
done
a=$(citizen 110101 19900307 881)
form A "$a" | approve >in
refused 'one that is only approved' 'state: the application is approved; '\
'only a card in use is replaced, else run ss-apply' --reason expiring
make <in | collect | at "$NOW" activate -q >active

# Lost: after a formal report alone.
cp active in
refused 'not reported' 'policy: the card is normal; a formal report of loss '\
'comes first: ss-report-loss --kind formal' --reason lost
at "$NOW" take-step --until 2026-03-09T16:00:00Z lose-for-now <active >in
refused 'for now only' 'policy: the card is temporarily-lost; a formal report '\
'of loss comes first: ss-report-loss --kind formal' --reason lost
report_lost <in >lost
run 0 -n --reason lost lost
is 'a dry run' "$(jq -r .state out) $(ss-registry list | wc -l)" 'applied 1'
run 0 --reason lost lost
is 'a new application' "$(jq -c '[.kind, .state, .replaces, .applied]' out)" \
    '["replacement","applied",{"fee":2000,"handed_in":false,"id":"A",'\
'"number":'"$(jq .card.number lost)"',"reason":"lost"},{"time":"2026-03-02T01:00:00Z","by":'\
'"wang","station":"d1","revision":1,"through":"holder"}]'
is 'of the same person, with the same files by their digests' \
    "$(jq -cS '[.person, .photo, .documents]' out)" \
    "$(jq -cS '[.person, (.photo | del(.path)), (.documents |
    map(del(.path)))]' active)"
is 'nothing else is carried over' "$(jq -c 'keys' out)" '["applied",'\
'"documents","id","kind","person","photo","region","replaces","state","v"]'
is 'the register has it' "$(now "$(jq -r .id out)")" "$(jq -cS . out)"
cp out new
is 'the old one stays' "$(where A | jq -r '.state + " " + .status')" \
    'active lost'
run 0 --reason lost active
is 'again, from an earlier form: already' \
    "$(jq -c 'del(.already)' out; jq .already out)" "$(jq -cS . new; echo true)"
run 0 --reason damaged --handed-in lost
is 'for another reason: that one all the same' "$(jq -c '[.already,
    .replaces.reason]' out)" '[true,"lost"]'
jq -c '.change = {person: {phone: "13900139000"}}' lost >in
run 1 --reason data-change in
like 'with other data: one is open' "$(said)" "exists: .*$(jq -r .id new)"

# Rejected, and asked for again.
at "$NOW" take-step reject <new >/dev/null
run 0 --reason lost lost
is 'another application' "$(jq -c '[.already, .state, .replaces.id]' out;
    [ "$(jq .id out)" != "$(jq .id new)" ] && echo another)" \
    '[null,"applied","A"]
another'
cp out new
second <new >inuse
is 'the new card is in use' "$(jq -c '[.state, .activation]' inuse)" \
    '["active",{"time":"2026-03-02T01:00:00Z","by":"wang","station":"d1",'\
'"status":"normal"}]'
is 'the old one is cancelled with it' "$(now A |
    jq -c '[.state, .cancellation]')" '["cancelled",{"by":"wang","reason":'\
'"replaced","station":"d1","time":"2026-03-02T01:00:00Z"}]'
is 'by one step of each' "$(for id in A "$(jq -r .id new)"; do
	ss-registry history "$id" | tail -n 1 | jq -r '.step + " " + .status'
    done)" 'replace cancelled
activate normal'
ok 'activated again' at "$NOW" activate -q inuse
is 'is already' "$(jq .already out)" true
cp active in
run 1 --reason lost in
is 'the old one is not replaced again' "$(said)" 'state: the application is '\
'cancelled; only a card in use is replaced, else run ss-apply'

# A replacement of a replacement; damaged.
jq -c . inuse >in
refused 'damaged, and kept' 'policy: a damaged card is handed in in 110000; '\
'say --handed-in, or report it lost first' --reason damaged
run 0 --reason damaged --handed-in inuse
is 'handed in' "$(jq -c '[.replaces.handed_in, .replaces.id]' out)" \
    "[true,$(jq .id inuse)]"
is 'with its plastic' "$(stock "$(jq -r .id inuse)")" returned
cp out new
run 0 --reason damaged --handed-in inuse
is 'again: already' "$(jq -c '[.already, .id]' out)" "[true,$(jq .id new)]"
second <new >third
is 'the third card is in use' "$(ss-registry list |
    jq -c '[.state, .cancellation.reason]' | sort)" '["active",null]
["cancelled","replaced"]
["cancelled","replaced"]
["rejected",null]'

# Expiring: of ten years the last sixty days.
b=$(citizen 110101 19900307 882)
form B "$b" | in_use >live
cp live in
NOW='2036-01-01 15:59:00'	# the 1st, one minute before midnight in China
refused 'too early' 'policy: the card is valid until 2036-03-02, and is '\
'renewed from card.renewal_from before that' --reason expiring
NOW='2036-01-01 16:00:00'
run 0 -n --reason expiring in
is 'in time' "$(jq -r .replaces.reason out)" expiring
NOW='2036-03-02 15:59:00'
run 0 -n --reason expiring in
is 'on its last day, with the old one kept' \
    "$(jq -r .replaces.handed_in out)" false
NOW='2036-03-02 16:00:00'
refused 'after that it is handed in' 'policy: an expired card is handed in '\
'in 110000; say --handed-in, or report it lost first' --reason expiring
run 0 --reason expiring --handed-in in
is 'so it is' "$(stock B)" returned
NOW='2026-03-02 01:00:00'

# Changed data.
c=$(citizen 110101 19900307 883)
d=$(citizen 110101 19900307 884)
make-photo --seed 2 >new.jpg
form C "$c" '| .documents.relation = "relation.pdf" |
    .person.proxy = {name: "赵六", id_number: "'"$d"'"} |
    .documents["proxy-identity"] = "one.pdf" |
    .documents.authorisation = "paper.pdf"' | in_use >live
change() { # JSON
	jq -c ".change = $1" live >in
}
cp live in
none='invalid: change: is missing; a change of data has its new members there'
refused 'no change' "$none" --reason data-change
for empty in null '{}' '{applied: {through: "holder"}}'; do
	change "$empty"
	refused "no change: $empty" "$none" --reason data-change
done
for bad in '1' '[]' '{kind: "new"}' '{person: "x"}' '{documents: "x"}' \
    '{applied: {by: "x"}}' '{person: {colour: "x"}}' \
    '{documents: {identity: 1}}' '{documents: {passport: "one.pdf"}}' \
    '{region: "999999"}' '{photo: 1}'; do
	change "$bad"
	run 1 --reason data-change in
	like "no such change: $bad" "$(said)" '^invalid: '
done
change '{photo: "no.jpg"}'
refused 'a file that is not there' 'missing: photo: No such file or directory' \
    --reason data-change
change '{person: {name: "张新", guardian: {name: "赵六", id_number: "'"$d"'",
    relation: "other"}}, photo: "new.jpg", region: "440303",
    documents: {"身份证明": ["paper.pdf", "letter.pdf"], relation: null},
    applied: {through: "guardian"}}'
cp -r "$SSCARD_DATA" data
chmod -R u+w data
jq '.fee = {replacement: 2500}' data/policies/4403.json >policy
mv policy data/policies/4403.json
SSCARD_DATA=$W/data run 0 -n --reason data-change in
is 'laid over the old data' "$(jq -c '[.person.name, .person.phone,
    .person.proxy, .person.guardian.name, .region, .applied.through,
    .photo.path, (.documents | map([.kind, .path])), .replaces.fee,
    .change]' out)" \
    '["张新","13800138000",null,"赵六","440303","guardian","new.jpg",'\
'[["proxy-identity",null],["authorisation",null],["identity","paper.pdf"],'\
'["identity","letter.pdf"]],2500,null]'

# The number itself has changed: the old card goes by its application.
change '{person: {id_number: "'"$d"'", social_number: null, sex: null}}'
run 0 --reason data-change in
cp out new
is 'another number' "$(jq -r .person.social_number new)" "$d"
run 0 --reason data-change in
is 'again: already' "$(jq -c '[.already, .id]' out)" "[true,$(jq .id new)]"
second <new >inuse
is 'one card in use' "$(jq -r .state inuse) $(where C |
    jq -r '.state + " " + .status')" 'active cancelled cancelled'

# Two of one card, for two numbers: only one comes into use.
e=$(citizen 110101 19900307 885)
f=$(citizen 110101 19900307 886)
g=$(citizen 110101 19900307 887)
form E "$e" | in_use >live
for n in "$f" "$g"; do
	jq -c '.change = {person: {id_number: "'"$n"'", social_number: null,
	    sex: null}}' live | at "$NOW" ss-reissue -q --reason data-change
done >both
at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face <both | make |
    collect >collected
for line in 1 2; do
	sed -n ${line}p collected | at "$NOW" activate -q
done >out
is 'the first of the two' "$(jq -r '.state + " " + (.error.code // "-")' out)" \
    'active -
collected exists'
is 'and the reason' "$(said)" \
    'exists: the card of E has been replaced by another one already'

# Nobody but ss-reissue says which card is replaced.
o=$(citizen 110101 19900307 891)
v=$(citizen 110101 19900307 892)
u=$(citizen 110101 19900307 893)
form V "$v" | in_use >victim
number=$(jq -r .card.number victim)
form O "$o" '| .kind = "replacement" | .replaces = {id: "V",
    number: "'"$number"'"}' | at "$NOW" ss-apply -q >out
is 'no form does' "$(said)" 'invalid: replaces: is no member of a form; only '\
'a later command writes it'
form U "$u" | in_use | at "$NOW" ss-reissue -q --reason damaged --handed-in |
    at "$NOW" take-step return >returned
jq -c '.replaces.id = "V" | .replaces.number = "'"$number"'"' returned |
    at "$NOW" ss-apply -q >out
is 'nor one that is mended' "$(said)" \
    'auth: member replaces is not what the register has'
jq -c '.person.address = "西城区1号"' returned | at "$NOW" ss-apply -q >out
is 'which keeps it' "$(jq -c '[.state, .replaces.id]' out)" '["applied","U"]'

# A PIN to be changed first.
echo '{"pin": {"before": "activation"}}' >data/policies/1101.json
h=$(citizen 110101 19900307 888)
SSCARD_DATA=$W/data
export SSCARD_DATA
form H "$h" | approve | make | collect >collected
status 'not with the initial PIN' 1 at "$NOW" activate collected
is 'which is said' "$(said)" 'policy: pin.before: the initial PIN is to be '\
'changed before activation; run ss-setpin'
is 'the card stays dormant' "$(where H | jq -r .status)" dormant

# Policies of damage.
i=$(citizen 110101 19900307 889)
echo '{"replace": {"damaged_else_formal_loss": false}}' \
    >data/policies/1101.json
form I "$i" | in_use | report_lost >in
refused 'loss does not help here' 'policy: a damaged card is handed in in '\
'110100; say --handed-in' --reason damaged
echo '{}' >data/policies/1101.json
run 0 -n --reason damaged in
is 'it does there' "$(jq -r .replaces.reason out)" damaged
echo '{"replace": {"damaged_handed_in": false}}' >data/policies/1101.json
at "$NOW" take-step release <in >released
run 0 -n --reason damaged released
is 'and some ask for nothing' "$(jq -r .replaces.reason out)" damaged

# A form cannot go round it.
jq -c '.kind = "replacement" | {kind, person, photo: "p.jpg",
    documents: {identity: "one.pdf"}} | .person |= {name, id_number,
    id_until, phone, address}' released >around
status 'a replacement by a form' 1 at "$NOW" ss-apply -q around
is 'is not taken while a card is live' "$(jq -r '.error | .code + ": " +
    .message' "$W/out")" 'exists: this person holds a live card: I; run'\
' ss-reissue to replace it'
form P "$(citizen 110101 19850101 300)" '| .kind = "replacement"' >older
ok 'but of one who has none here' at "$NOW" ss-apply -q older
is 'it is' "$(jq -r .kind "$W/out")" replacement

# By name; altered; many at once.
number=$(jq -r .card.number released)
run 0 -n --reason damaged --card "$number"
is 'by its number' "$(jq -r .replaces.id out)" I
run 0 -n --reason damaged --person "$i"
is 'by its holder' "$(jq -r .replaces.id out)" I
run 1 --reason lost --card "$(jq -r .card.number lost)"
like 'a card that was replaced' "$(said)" '^state: '
jq -c '.card.number = "000000019"' released >in
refused 'altered' 'auth: member card is not what the register has' \
    --reason damaged
k=200
while [ $k -lt 220 ]; do
	form "N$k" "$(citizen 110101 19850101 $k)"
	k=$((k + 1))
done | in_use >in
run 0 -j4 --reason damaged --handed-in in
is 'by four threads, in order' "$(jq -r .replaces.id out | xargs)" \
    "$(jq -r .id in | xargs)"
cp out new
run 0 -j4 --reason damaged --handed-in in
is 'again: all of them already' "$(jq -c '[.id, .already]' out)" \
    "$(jq -c '[.id, true]' new)"
second <new >out
is 'all in use' "$(jq -r .state out | sort | uniq -c | xargs)" '20 active'
is 'and the old ones cancelled' "$(ss-registry list | jq -c 'select(.id[:1] ==
    "N") | [.state, .cancellation.reason]' | sort | uniq -c | xargs)" \
    '20 [cancelled,replaced]'
is 'the books are right' "$(ss-registry audit 2>&1 | sed 's/.*: //')" \
    '0 faults'
done_testing
