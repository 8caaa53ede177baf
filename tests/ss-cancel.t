#!/bin/sh
# ss-cancel: the end of applications and cards, by a reason, by time, and that
# of the plastic.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"

run() { # STATUS ARGUMENTS...
	_want=$1
	shift
	status "status of ss-cancel $*" "$_want" at "$NOW" ss-cancel "$@"
}
after() { # INSTANT STATUS ARGUMENTS...
	_now=$NOW
	NOW=$1
	shift
	run "$@"
	NOW=$_now
}
person() { # SERIAL
	citizen 110101 19900307 "$1"
}

# Usage.
for args in '' '--reason boredom' '--reason death --handed-in' \
    '--handed-in --destroyed' '--overdue' '--overdue --reason death' \
    '--overdue --reason uncollected --card 000000000' \
    '--overdue --reason uncollected --person 1' \
    '--reason death --card 000000000 --person 1' '--reason death --card 1'; do
	# shellcheck disable=SC2086 # several arguments
	run 2 $args
done
run 2 --overdue --reason uncollected file

# Wherever an application is, and a card.
form A "$(person 100)" | at "$NOW" ss-apply -q >applied
run 0 -n --reason withdrawn applied
is 'a dry run' "$(jq -r .state out) $(where A | jq -r .state)" \
    'cancelled applied'
run 0 --reason withdrawn --station d2 -o li applied
is 'an application' "$(jq -c '[.state, .cancellation]' out)" '["cancelled",'\
'{"time":"2026-03-02T01:00:00Z","by":"li","station":"d2","reason":'\
'"withdrawn"}]'
is 'the register has what went out' "$(now A)" "$(jq -cS . out)"
is 'there was no card' "$(where A | jq -r .status)" none
cp out cancelled
run 0 --reason death cancelled
is 'once is enough' "$(jq -c '[.already, .cancellation.reason]' out)" \
    '[true,"withdrawn"]'
run 0 --reason withdrawn applied
is 'from an earlier form: already' "$(jq -c '[.already, .state]' out)" \
    '[true,"cancelled"]'
form A2 "$(person 100)" | approve >approved
is 'the person can apply again' "$(jq -r .state approved)" approved
at "$NOW" make-card --stop-after make <approved >making
run 1 --reason error making
is 'not while a card is made of it' "$(said)" \
    'state: the card is being made; end that first, by ss-encode'
form R "$(person 101)" | at "$NOW" ss-apply -q |
    at "$NOW" take-step reject >rejected
run 0 --reason death rejected
is 'one that was rejected passes' "$(cat out)" "$(cat rejected)"
form B "$(person 102)" | approve | make >made
run 0 --reason emigration made
is 'a card that is made' "$(jq -r .state out) $(where B | jq -r .status)" \
    'cancelled cancelled'
form C "$(person 103)" | approve | make | collect >collected
run 0 --reason error collected
is 'one that is collected' "$(jq -r .state out) $(where C |
    jq -r .status)" 'cancelled cancelled'
form D "$(person 104)" | in_use >live
jq -c '.person.name = "李四"' live >altered
run 1 --reason death altered
is 'an altered record' "$(said)" \
    'auth: member person is not what the register has'
jq -c '.id = "none"' live >in
run 1 --reason death in
like 'an application that is not there' "$(said)" '^missing: '
run 0 --reason death --card "$(jq -r .card.number live)"
is 'one in use, by its number' "$(jq -r '.id + " " + .state' out) $(where D |
    jq -r .status)" 'D cancelled cancelled'
run 1 --reason death --person "$(person 104)"
like 'nobody holds it now' "$(cat err)" '^ss-cancel: this person h'

# A holder dies while the next card is on its way.
form E "$(person 105)" | in_use | report_lost |
    at "$NOW" ss-reissue -q --reason lost >new
ss-registry --person "$(person 105)" list >both
is 'two applications' "$(jq -r .state both | sort | xargs)" 'active applied'
run 0 --reason death --person "$(person 105 | tr X x)"
is 'both have ended' "$(jq -r '.state + " " + .cancellation.reason' out |
    uniq -c | xargs)" '2 cancelled death'
run 0 --reason death both
is 'from what they were: already' "$(jq -r .already out | xargs)" 'true true'

# The plastic.
form F "$(person 106)" | in_use >live
run 1 --destroyed live
is 'not handed in' "$(said)" 'state: the plastic is made, which "destroy" '\
'does not begin from'
run 0 --handed-in live
is 'handed in' "$(jq -c 'del(.already)' out | cmp - live &&
    stock F) $(where F | jq -r '.step + " " + .status')" \
    'returned hand-in normal'
run 0 --handed-in live
is 'again: already' "$(jq .already out)" true
run 0 --reason withdrawn live
run 0 --destroyed live
is 'destroyed' "$(stock F) $(jq -r .cancellation.reason out)" \
    'destroyed withdrawn'
run 0 --destroyed live
is 'again: already' "$(jq .already out)" true
run 0 --handed-in live
is 'and handed in before' "$(jq .already out)" true
run 1 --handed-in applied
is 'where there is none' "$(said)" 'state: the plastic is none, which '\
'"hand-in" does not begin from'

# Uncollected: where the policy says when.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
echo '{"collect": {"uncollected_after": "6 months"}}' >data/policies/2201.json
echo '{"collect": {"uncollected_after": "60 working days"}}' \
    >data/policies/3710.json
SSCARD_DATA=$W/data
export SSCARD_DATA
form K "$(person 110)" '| .region = "441802"' | approve | make >sealing
form L "$(person 111)" '| .region = "220102"' | approve | make >cancelling
form M "$(person 112)" | approve | make >keeping
form N "$(person 113)" '| .region = "371002"' | approve | make >working
form O "$(person 114)" '| .region = "441802"' | approve | make |
    collect >gone
after '2026-09-02 00:59:59' 1 --reason uncollected sealing
is 'too early by a second' "$(said)" \
    'policy: the card can be collected until 2026-09-02T01:00:00Z'
after '2026-12-02 00:00:00' 1 --reason uncollected keeping
is 'never here' "$(said)" 'policy: collect.uncollected_after: not set in '\
'110000; no card counts as uncollected'
after '2026-12-02 00:00:00' 0 --reason uncollected gone
is 'one that was collected passes' "$(cat out)" "$(cat gone)"
after '2026-09-02 00:59:59' 0 --reason uncollected --overdue
is 'those of working days are due before' "$(jq -r .id out)" N
after '2026-09-02 01:00:00' 0 -n --reason uncollected --overdue
is 'all that are due, by their own policies' "$(jq -c '[.id, .state,
    .cancellation.reason, .cancellation.sealed]' out)" \
    '["K","made","uncollected",true]
["L","cancelled","uncollected",null]'
for region in 4418 441800; do
	after '2026-09-02 01:00:00' 0 -n -R $region --reason uncollected \
	    --overdue
	is "those of region $region" "$(jq -r .id out)" K
done
after '2026-09-02 01:00:00' 0 -n -R 22 --reason uncollected --overdue
is 'a province has not the rule of its city' "$(cat out)" ''
after '2026-09-02 01:00:00' 0 -n -R 000000 --reason uncollected --overdue
is 'nor has the nation' "$(cat out)" ''
after '2026-09-02 01:00:00' 0 --reason uncollected --overdue
is 'now they end' "$(where K L | jq -r '.step + " " + .status' | xargs)" \
    'seal dormant cancel cancelled'
after '2026-09-03 00:00:00' 0 --reason uncollected --overdue
is 'and are not found again' "$(cat out)" ''
after '2026-09-03 00:00:00' 0 --reason uncollected sealing
is 'sealed already' "$(jq -c '[.already, .cancellation.sealed]' out)" \
    '[true,true]'
run 0 --reason death sealing
is 'what is sealed can still end' "$(jq -c '[.state, .cancellation]' out)" \
    '["cancelled",{"time":"2026-03-02T01:00:00Z","by":"wang","station":"d1",'\
'"reason":"death"}]'
run 0 --handed-in sealing
run 0 --destroyed sealing
is 'and its plastic is destroyed' "$(stock K)" destroyed

# A region whose rule cannot be read does not keep the others.
form P "$(person 115)" '| .region = "110101"' | approve | make >/dev/null
form Q "$(person 116)" '| .region = "220102"' | approve | make >/dev/null
echo '{"collect": {"uncollected_after": "soon"}}' >data/policies/11.json
after '2026-12-02 00:00:00' 1 --reason uncollected --overdue
is 'its records fail, and the others end' "$(jq -r '.id + " " + .state + " " +
    (.error.code // "-")' out)" 'M made policy
P made policy
Q cancelled -'
rm data/policies/11.json

# More than a page, by threads, in groups; and another station.
k=300
while [ $k -lt 600 ]; do
	form "S$k" "$(person $k)" '| .region = "441802"'
	k=$((k + 1))
done | approve | make >many
is 'three hundred cards' "$(wc -l <many)" 300
head -n 40 many | at '2026-09-02 02:00:00' ss-cancel -q --station d2 \
    --reason uncollected >/dev/null
after '2026-09-02 02:00:00' 0 -j4 --reason uncollected --overdue
is 'the rest of them, in order' "$(jq -r .id out | xargs)" \
    "$(sed 1,40d many | jq -r .id | xargs)"
is 'each sealed' "$(jq -c '[.state, .cancellation.sealed]' out |
    sort | uniq -c | xargs)" '260 [made,true]'
{
	sed -n 1p many
	now S300
} >twice
run 0 --reason death twice
is 'twice in one group: once' "$(jq -c '[.state, .already]' out)" \
    '["cancelled",null]
["cancelled",true]'
is 'the books are right' "$(ss-registry audit 2>&1 | sed 's/.*: //')" \
    '0 faults'
done_testing
