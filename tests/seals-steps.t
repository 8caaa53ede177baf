#!/bin/sh
# Seals on the whole way of a card, in a region that requires them: each step by
# the key of who may take it, and what comes of it as the independent checker
# sees it; groups, a form that is mended, a card that is lost and replaced.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"
# shellcheck source=tests/sealed.sh
. "$SS_TOP/tests/sealed.sh"

# --- the whole way
n=$(citizen 110101 19900307 881)
form a "$n" >a.form
status 'apply' 0 as wang ss-apply a.form
cp out a1
is 'apply: its seal' "$(steps a1)" 'apply wang'
is 'and its operator is the name of the key' "$(jq -r .applied.by a1)" wang
is 'it covers all members but the seals' \
    "$(jq -c '.seals[0].covers | keys' a1)" "$(jq -c 'del(.seals) | keys' a1)"
is 'the register has the seals' "$(now a)" "$(jq -cS . a1)"
sound 'apply' a1
status 'apply again' 0 as wang ss-apply a.form
is 'the same form gets no second seal' "$(jq -cS 'del(.already)' out)" \
    "$(jq -cS . a1)"
status 'a dry run' 0 review li -n a1
is 'seals nothing' "$(jq -r .state out; steps out)" "approved
apply wang"
status 'verify' 0 review li a1
cp out a2
is 'verify: its seal' "$(steps a2)" 'apply wang, approve li'
is 'it covers what is new' "$(jq -c '.seals[1].covers | keys' a2)" \
    '["review","state"]'
status 'an earlier form' 0 review li a1
is 'becomes the present one, seals and all' "$(jq -cS 'del(.already)' out)" \
    "$(jq -cS . a2)"
status 'claim' 0 as zhao ss-claim 1
is 'claim: no seal' "$(cat out)" "$(now a)"
chip card --serial 1
status 'encode' 0 card_as zhao ss-encode -q -r soft:card a2
cp out a3
is 'encode: its seals' "$(steps a3)" \
    'apply wang, approve li, make zhao, finish zhao'
sound 'encode' a3
status 'notify' 0 as chen ss-notify -q a3
cp out a4
jq -c '.collector = (.person | {id_number, id_until})' a4 >asked
status 'collect' 0 as chen ss-collect -q asked
cp out a5
is 'collect: its seal' "$(steps a5)" "$(steps a3), notify chen, collect chen"
is 'what was shown was no part of the record' \
    "$(jq -c '.seals[-1].covers | keys' a5)" '["collection","state"]'
status 'activate' 0 card_as chen ss-activate -q -r soft:card --attest identity
cp out a6
printf '%s\n' 123456 271828 >pins
setpin() { # [NAME]
	card_as "${1:-chen}" ss-setpin -q -r soft:card --pin-fd 4 4<pins
}
ss-softcard show card >before
refused 'a PIN by who may not' auth 'li has no role that may try-pin' 1 \
    setpin li
refused 'a lock by who may not' auth 'li has no role that may lock' 1 \
    card_as li ss-report-loss -q --lock -r soft:card
is 'the chip saw neither' "$(ss-softcard show card)" "$(cat before)"
status 'setpin' 0 setpin
cp out a7
is 'activate, setpin: their seals' "$(steps a7)" "$(steps a5), activate chen,"\
' try-pin chen, set-pin chen'
sound 'setpin' a7
loss() { # ARGUMENT...
	card_as chen ss-report-loss -q "$@" >loss.out || return
	tail -n 1 loss.out >a8
}
ok 'lock' loss --lock -r soft:card
ok 'unlock' loss --unlock -r soft:card --attest identity
ok 'a report for now' loss --kind temporary a8
ok 'released' loss --kind release a8
ok 'lost' loss --kind formal a8
is 'their seals' "$(steps a8)" "$(steps a7), lock chen, unlock chen,"\
' lose-for-now chen, release chen, lose chen'
sound 'report-loss' a8
status 'reissue' 0 as wang ss-reissue -q --reason lost a8
cp out b1
id=$(jq -r .id b1)
is 'reissue: a new record with a seal of its own' \
    "$(steps b1), $(jq -r '.seals[0].id' b1)" "apply wang, $id"
review li b1 >b2
chip second --serial 2
card_as zhao ss-encode -q -r soft:second b2 >b3
jq -c '.collector = (.person | {id_number, id_until})' b3 >asked
as chen ss-collect -q asked >b4
alter() { # FROM TO: in what the register has of the lost one
	python3 - "$@" <<-'EOT'
	import sqlite3, sys
	with sqlite3.connect("registry.db") as db:
	    db.execute("UPDATE application SET record ="
	               " replace(record, ?, ?) WHERE id = 'a'", sys.argv[1:])
	EOT
}
alter 张三 李四
refused 'the next one, when the lost one was altered in the register' auth \
    'application a: member notice is not what was sealed' 1 \
    card_as chen ss-activate -q -r soft:second --attest identity
alter 李四 张三
status 'activate the next one' 0 \
    card_as chen ss-activate -q -r soft:second --attest identity
cp out b5
now a >a9
is 'the lost one gets its seal with it' "$(steps a9)" \
    "$(steps a8), replace chen"
is 'the two are signed together' \
    "$(cat a9 b5 | jq -c '.seals[-1] | [(.path | length), .signature]' |
    sort -u | wc -l), $(jq '.seals[-1].path | length' a9 b5 | xargs)" '1, 1 1'
sound 'reissue' a9 b5

# --- a person who moved: the old card was the old region's, and its end is
# sealed where the new one is given out
operator fang counter 110102
operator lu reviewer 110102
loss --kind formal b5
cp a8 g1
jq -c '.change = {region: "110102"}' g1 | as wang ss-reissue -q --reason lost >g2
is 'the next application is of the next region' "$(jq -r .region g2)" 110102
as lu ss-verify -q --attest likeness,bareheaded,face g2 >g3
chip third --serial 3
card_as zhao ss-encode -q -r soft:third g3 >g4
jq -c '.collector = (.person | {id_number, id_until})' g4 >asked
as fang ss-collect -q asked >g5
status 'activated there' 0 \
    card_as fang ss-activate -q -r soft:third --attest identity
cp out g6
old=$(jq -r .id g1)
now "$old" >g7
is 'the old one is replaced by who has no part in its region' \
    "$(steps g7 | sed 's/.*, //')" 'replace fang'
sound 'both' g6 g7

status 'cancel' 0 as sun ss-cancel -q --reason death g6
cp out b6
status 'handed in' 0 as chen ss-cancel -q --handed-in b6
cp out b7
status 'destroyed' 0 as sun ss-cancel -q --destroyed b7
is 'cancel: its seals' "$(steps out)" "$(steps g6), cancel sun,"\
' hand-in chen, destroy sun'
sound 'cancel' out
audit 'after the whole way'
status 'exported and imported' 0 sh -c "ss-registry export >all &&
    ss-registry -q -g sqlite:$W/copy.db import all"
is 'the seals come with it' "$(ss-registry -g "sqlite:$W/copy.db" list)" \
    "$(ss-registry list)"

# --- cards that fail, and one that is handed in
form d "$(people 1 40)" | as wang ss-apply -q | review li >d1
chip torn --serial 31
ss-softcard hook torn --leave 30
status 'a card that leaves' 1 card_as zhao ss-encode -q -r soft:torn d1
is 'is bound, sealed' "$(now d >d2; steps d2)" \
    'apply wang, approve li, make zhao'
status 'and taken up again' 0 card_as zhao ss-encode -q -r soft:torn d1
cp out d3
is 'with no second binding' "$(steps d3)" "$(steps d2), finish zhao"
form e "$(people 1 41)" | as wang ss-apply -q | review li >e1
chip bad --serial 32
ss-softcard hook bad --leave 30
status 'another one' 1 card_as zhao ss-encode -q -r soft:bad e1
now e >e2
status 'is given up' 0 as zhao ss-encode -q --spoil e2
cp out e3
chip good --serial 33
status 'for the next' 0 card_as zhao ss-encode -q -r soft:good e3
is 'all of it sealed' "$(steps out)" "$(steps e2), give-up zhao, make zhao,"\
' finish zhao'
sound 'taken up and given up' d3 out
jq -c '.collector = (.person | {id_number, id_until})' d3 |
    as chen ss-collect -q >d4
card_as chen ss-activate -q -r soft:torn --attest identity d4 >d5
status 'a damaged card, handed in' 0 \
    as wang ss-reissue -q --reason damaged --handed-in d5
is 'the new application and the old card' "$(steps out; now d >d6; steps d6)" \
    "apply wang
$(steps d5), hand-in wang"
sound 'handed in' out d6
audit 'after cards that fail'

# --- groups
signatures() { # FILE: paths, and how many signatures there are
	jq -r '.seals[-1].path | length' "$1" | sort -n | paste -sd' '
	jq -r '.seals[-1].signature' "$1" | sort -u | wc -l
}
k=0
for id in p q r s t; do
	k=$((k + 1))
	form $id "$(people 1 $k)"
done >group
status 'a group' 0 as wang ss-apply -q -j 2 group
cp out applied
is 'one signature for all, with paths' "$(signatures applied)" "1 3 3 3 3
1"
cat group group | as wang ss-apply -q >again
is 'the same forms, twice in a group, are not sealed again' \
    "$(jq -cS 'del(.already)' again)" "$(cat applied applied | jq -cS .)"
review li -j 2 applied >five
sound 'a group' five
k=20
for id in v w; do
	k=$((k + 1))
	form $id "$(people 1 $k)" | as wang ss-apply -q
done >singly
is 'singly a signature each, with no path' "$(signatures singly)" '0 0
2'
head -n 2 five >two
ss-softcard new pile1 pile2 --feeder --count 1 --region 110101
status 'two readers at once' 0 \
    card_as zhao ss-encode -q --loop --all -r 'soft:pile*' two
cp out piled
is 'each card is sealed by itself' "$(signatures piled)" '0 0
2'
like 'all its steps' "$(steps piled)" 'make zhao, finish zhao$'
sound 'made at once' piled
audit 'after groups'

# --- a form that is mended
form m "$(people 1 9)" >m.form
as wang ss-apply -q m.form >m1
echo '{"id":"m","check":"likeness","ok":false}' >no
as li ss-verify -q --decisions no m1 >m2
is 'returned, sealed' "$(jq -r .state m2; steps m2)" 'returned
apply wang, return li'
jq -c '.person.phone = "13900139000" | .extra = {"note": "x"}' m2 >m.mended
status 'mended' 0 as wang ss-apply -q m.mended
cp out m3
is 'mended: its seal' "$(steps m3)" "$(steps m2), mend wang"
is 'it covers what the form says anew' "$(jq -c '.seals[-1].covers' m3 |
    jq -c 'keys')" '["applied","extra","person","state"]'
status 'reviewed again' 0 review li m3
like 'approved' "$(steps out)" ', mend wang, approve li$'
sound 'mended' out
jq -c '.photo.width = 5' m2 >m.other
status 'mended again, from what was returned' 1 as wang ss-apply -q m.other

# --- a member that is null is none, and stays
form z "$(people 1 30)" '| .note = null' | as wang ss-apply -q >z1
is 'null is covered by nobody, and kept' "$(jq -c '[has("note"),
    (.seals[0].covers | has("note"))]' z1; now z)" "[true,false]
$(jq -cS . z1)"
status 'and in nobody'"'"'s way' 0 review li z1
sound 'null' out

# --- without a register
export SSCARD_REGISTRY=none
jq -c . a.form | as wang ss-apply -q >n1
review li n1 >n2
is 'without a register the seals are the same' "$(steps n2)" \
    'apply wang, approve li'
sound 'without a register' n2
done_testing
