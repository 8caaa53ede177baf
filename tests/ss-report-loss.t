#!/bin/sh
# ss-report-loss: reports that lapse, formal ones, releases; who may report how;
# and that a report is stored once, whatever the clock and the crowd do.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1

NOW='2026-03-04 09:00:00'	# UTC: a Wednesday
if [ -n "${SS_SLOW:-}" ]; then
	many=6
else
	many=40
fi

make-photo >p.jpg
printf one >one.pdf
form() { # ID REGION SERIAL
	jq -nc --arg id "$1" --arg r "$2" \
	    --arg n "$(citizen 110101 19900307 "$3")" '{id: $id, region: $r,
	    person: {name: "张三", id_number: $n, id_until: "长期",
	    phone: "13800138000", address: "东城区1号"}, photo: "p.jpg",
	    documents: {identity: "one.pdf"}}'
}
approve() { # forms of standard input
	at "$NOW" ss-apply -q | at "$NOW" ss-verify -q -o li \
	    --attest likeness,bareheaded,face,originals
}
activate() { # cards that are made
	at "$NOW" take-step collect | at "$NOW" take-step activate
}
report() { # STATUS ARGUMENTS...: ss-report-loss, to got and log
	_want=$1
	shift
	status "status of ss-report-loss $*" "$_want" \
	    at "$NOW" ss-report-loss "$@"
	cp "$W/out" got
	cp "$W/err" log
}
said() { # the error of each record in got
	jq -r '.error | if . then .code + ": " + .message else "-" end' got
}
loss() { # of each record in got
	jq -r '[.loss.kind, .loss.status, .loss.until, .already] |
	    map(. // "-") | join(" ")' got
}
past() { # ID [FROM]: its steps, from a number on
	ss-registry history "$1" | jq -r --argjson n "${2:-7}" 'select(
	    .number >= $n) | "\(.step) \(.status) \(.time)"'
}

# A card in each of four regions, and applications that have none in use.
{ form sz 440305 101; form cc 220102 102; form zz 410102 103
    form bj 110105 104; } | approve >approved
make-card <approved >made
activate <made >active
{ form early 440305 111; form making 440305 112; form made 440305 113
    form collected 440305 114; form gone 440305 115; } >other
is 'nothing is printed of an application' "$(at "$NOW" ss-apply -q other |
    wc -l)" 5
sed -n '2,$p' other | approve >b
sed -n 1p b | make-card --stop-after make >making
sed -n '2,4p' b | make-card >c
sed -n 2p c | take-step collect >collected
sed -n 3p c | take-step cancel >gone
of() { # ID: its active record
	jq -c --arg id "$1" 'select(.id == $id)' active
}

# How it is called.
usage() { # TEXT PATTERN ARGUMENTS...
	_what=$1
	_like=$2
	shift 2
	status "$_what" 2 ss-report-loss "$@"
	like 'which is said' "$(cat "$W/err")" "$_like"
}
number=$(of zz | jq -r .card.number)
person=$(of zz | jq -r .person.social_number)
usage 'no kind' '--kind is temporary, formal or release' active
usage 'a kind that is none' '--kind is temporary' --kind lost active
usage 'a channel that is none' '--channel: not one of: counter, phone' \
    --kind formal --channel pigeon active
usage 'a reporter who is none' '--reporter: not one of: holder' \
    --kind formal --reporter finder active
usage 'card and person' 'exclude each other' --kind formal --card "$number" \
    --person "$person"
usage 'a card and a file' 'exclude each other' --kind formal --card \
    "$number" active
usage 'a number with a wrong check character' '--card: no card number' \
    --kind formal --card "$(echo "$number" | sed 's/.$/A/')"
usage 'without a register' 'no register' --kind formal -g none active
status 'a card that is not there' 1 ss-report-loss --kind formal --card \
    000009996
is 'is missing' "$(cat "$W/out" "$W/err")" \
    'ss-report-loss: no card of this number is in the register'
status 'a person whose card is not in use yet' 1 ss-report-loss -q \
    --kind formal --person "$(jq -r .person.social_number collected)"
is 'is told so' "$(jq -r .error.message "$W/out")" \
    'the card is not in use yet; run ss-cancel, and apply anew'
status 'a number from standard input' 1 sh -c "jq -r \
    .person.social_number collected | ss-report-loss -q --kind formal \
    --person -"
is 'names the same' "$(jq -r .error.message "$W/out")" \
    'the card is not in use yet; run ss-cancel, and apply anew'
status 'and none there' 2 sh -c \
    ': | ss-report-loss --kind formal --person -'
like 'is said' "$(cat "$W/err")" 'a line of standard input is wanted'
status 'nor one without an end' 2 sh -c \
    'head -c 100 /dev/zero | tr "\0" 1 | ss-report-loss --kind formal --person -'
status 'a person without card and application' 1 ss-report-loss \
    --kind formal --person 110101199003072746
is 'is missing too' "$(cat "$W/out" "$W/err")" 'ss-report-loss: this person'\
' has no live card, and no open application'

# For now, until the third working day has ended; said once.
of sz >sz.1
report 0 -n --kind temporary sz.1
is 'tried' "$(loss)" 'temporary temporarily-lost 2026-03-09T16:00:00Z -'
is 'and not stored' "$(past sz)" ''
report 0 --kind temporary --channel 12333 --reporter 监护人 sz.1
is 'lost for now' "$(jq -c .loss got)" '{"time":"2026-03-04T09:00:00Z",'\
'"by":"wang","station":"d1","kind":"temporary","channel":"phone",'\
'"reporter":"guardian","until":"2026-03-09T16:00:00Z",'\
'"status":"temporarily-lost"}'
is 'nothing else is changed' "$(jq -cS 'del(.loss)' got)" "$(jq -cS . sz.1)"
is 'the register has it' "$(ss-registry show sz)" "$(jq -cS . got)"
cp got lost
report 0 --kind temporary lost
is 'already' "$(loss)" 'temporary temporarily-lost 2026-03-09T16:00:00Z true'
report 0 --kind temporary sz.1
is 'already, by an earlier form' "$(jq -cS 'del(.already)' got)" \
    "$(jq -cS . lost)"
grep '"sz"' approved >old
NOW='2026-03-05 10:00:00'
report 0 --kind temporary --reporter proxy old
is 'by one that had no card yet; the end stays' "$(loss)" \
    'temporary temporarily-lost 2026-03-09T16:00:00Z true'
is 'one event' "$(past sz)" \
    'lose-for-now temporarily-lost 2026-03-04T09:00:00Z'
status 'every other step sees it' 1 at "$NOW" take-step set-pin <lost
like 'and is refused' "$(cat "$W/err")" 'the card is temporarily-lost'

# It lapses by itself, is written down with the next step, and begins anew.
NOW='2026-03-09 15:59:59'
report 0 --kind temporary old
like 'lost to the last second' "$(loss)" ' true$'
NOW='2026-03-09 16:00:00'
report 0 --kind release old
like 'then it is found by itself' "$(loss)" '^temporary .* true$'
report 0 --kind temporary old
is 'and can be lost again' "$(loss)" \
    'temporary temporarily-lost 2026-03-13T16:00:00Z -'
is 'the lapse is in the history' "$(past sz 8)" \
    'lapse normal 2026-03-09T16:00:00Z
lose-for-now temporarily-lost 2026-03-09T16:00:00Z'
NOW='2026-03-10 09:00:00'
report 0 --kind release got
is 'released' "$(loss)" 'release normal - -'
report 0 --kind release got
is 'released already' "$(loss)" 'release normal - true'
report 0 --kind temporary old
report 0 --kind formal old
is 'for good, after a temporary report' "$(loss)" 'formal lost - -'
NOW='2026-05-10 09:00:00'
report 0 --kind formal old
is 'which does not lapse' "$(loss)" 'formal lost - true'
report 0 --kind temporary old
is 'and is more than a temporary one' "$(loss)" 'formal lost - true'
is 'in all' "$(past sz 10 | cut -d ' ' -f 1,2 | paste -s -d ,)" \
    'release normal,lose-for-now temporarily-lost,lose lost'
of bj >bj.1
NOW='2026-03-04 09:00:00'
report 0 --kind temporary bj.1
is 'days, not working days' "$(loss)" \
    'temporary temporarily-lost 2026-03-14T09:00:00Z -'
NOW='2026-03-20 09:00:00'
report 0 --kind formal bj.1
is 'formal after a lapse' "$(loss) $(past bj | cut -d ' ' -f 1,3 |
    paste -s -d ,)" 'formal lost - - lose-for-now 2026-03-04T09:00:00Z,'\
'lapse 2026-03-14T09:00:00Z,lose 2026-03-20T09:00:00Z'
report 0 --kind release bj.1
cp -r "$SSCARD_DATA" data
chmod -R u+w data
jq '.loss.temporary_lapses_after = null' "$SSCARD_DATA/policies/11.json" \
    >data/policies/11.json
SSCARD_DATA=$W/data report 0 --kind temporary bj.1
is 'where none lapses' "$(loss)" 'temporary temporarily-lost - -'
NOW='2036-03-20 09:00:00'
report 0 --kind temporary bj.1
is 'not after ten years' "$(loss)" 'temporary temporarily-lost - true'
report 0 --kind release bj.1
audit 'lapses'

# Formal reports, released or not.
NOW='2026-03-04 09:00:00'
of cc >cc.1
report 0 --kind temporary cc.1
report 0 --kind release cc.1
is 'a temporary report is released everywhere' "$(loss)" 'release normal - -'
report 0 --kind formal cc.1
report 1 --kind release cc.1
is 'a formal one not there' "$(said)" 'policy: a formal report of loss is not'\
' released in 220100; run ss-reissue --reason lost'
is 'as it came' "$(jq -c 'del(.error)' got)" "$(cat cc.1)"
is 'nothing is stored' "$(past cc | tail -n 1)" 'lose lost 2026-03-04T09:00:00Z'
report 0 -R 41 --kind release cc.1
is 'by the policy that is named' "$(loss)" 'release normal - -'
report 0 --kind formal --card "$number"
is 'by its number' "$(jq -r .id got) $(loss)" 'zz formal lost - -'
report 0 --kind formal --person "$person"
is 'by its holder' "$(jq -r .id got) $(loss)" 'zz formal lost - true'
report 0 --kind release --person "$person"
is 'released there' "$(loss)" 'release normal - -'

# Who serves themselves must have a PIN of their own.
for c in web app terminal voice; do
	report 1 --kind temporary --channel $c cc.1
	is "$c: not with the initial PIN" "$(said)" 'policy: no report of loss'\
" is taken or released by $c in 220100 while the card has its initial PIN;"\
' do it at a counter or on a manned line'
done
report 1 --kind formal --channel 网上 cc.1
like 'nor a formal one' "$(said)" '^policy: .* by web '
for c in phone counter; do
	report 0 --kind temporary --channel $c cc.1
	is "$c: with any PIN" "$(jq -r .loss.channel got) $(loss)" \
	    "$c temporary temporarily-lost 2026-03-11T09:00:00Z -"
	report 0 --kind temporary --channel web cc.1
	is 'what is so already is no refusal' "$(jq -r .already got)" true
	report 1 --kind release --channel web cc.1
	like 'nor is it released so' "$(said)" '^policy: .* by web '
	report 0 --kind release --channel $c cc.1
done
echo '{"loss": {"self_service_with_initial_pin": true}}' \
    >data/policies/2201.json
SSCARD_DATA=$W/data report 0 --kind temporary --channel web cc.1
is 'where the policy lets them' "$(jq -r .loss.channel got)" web
report 0 --kind release cc.1
at "$NOW" take-step --pin-changed set-pin <cc.1 >changed
report 0 --kind temporary --channel web changed
is 'with a PIN of their own' "$(jq -r .loss.channel got)" web
report 0 --kind release --channel app changed
is 'a release too' "$(jq -r .loss.channel got)" app
report 0 --kind formal cc.1
audit 'channels'

# What is not in use, and what is no record of ours.
for id in early making made collected gone; do
	ss-registry show "$id"
done >unused
report 1 --kind temporary unused
is 'no card in use' "$(said)" 'state: the application is applied: there is no'\
' card in use yet
state: the application is making: there is no card in use yet
state: the card is not in use yet; run ss-cancel, and apply anew
state: the card is not in use yet; run ss-cancel, and apply anew
state: the application is cancelled, and its card cannot be used any more;'\
' apply anew'
is 'as they came' "$(jq -c 'del(.error)' got)" "$(cat unused)"
report 1 --kind release unused
is 'nor is any released' "$(said | cut -d : -f 1 | uniq -c | xargs)" '5 state'
ss-registry show zz >zz.2
jq -c '(.id = "nope"), (.card.number = "000000000"), del(.id),
    (.error = {code: "io"})' zz.2 >bad
ss-registry show bj | jq -c '.loss.status = "lost"' >>bad
report 1 --kind formal bad
is 'what is no record of the register' "$(said | sed 's/register .*/register/
    s/members .*/members/')" 'missing: the application is not in the register
auth: member card is not what the register
invalid: no application: id is missing
io: 
auth: member loss is not what the register'
is 'nothing is stored' "$(past zz | cut -d ' ' -f 1 | xargs)" 'lose release'
take-step lock <zz.2 >locked
report 1 --kind release locked
is 'a locked card is not lost' "$(said)" \
    'state: the card is locked, which "release" does not begin from'
report 0 --kind formal locked
is 'but can be' "$(loss)" 'formal lost - -'
report 0 --kind release locked

# Of several records of a card in a run the first one counts.
cat zz.2 locked zz.2 >three
report 0 -j4 --kind formal three
is 'done, already, already' "$(loss)" 'formal lost - -
formal lost - true
formal lost - true'
is 'the same record' "$(jq -cS 'del(.already)' got | sort -u | wc -l)" 1
is 'one event' "$(past zz | tail -n 2 | cut -d ' ' -f 1 | xargs)" \
    'release lose'
ss-registry show zz >zz.2
{ jq -c '.person.name = "李四"' zz.2; cat zz.2; } >three
report 1 --kind release three
is 'the first one is altered' "$(said)" 'auth: member person is not what the'\
' register has
state: an earlier record of this application failed; run again'
{ cat zz.2; jq -c '.person.name = "李四"' zz.2; } >three
report 1 --kind release three
is 'the later one is' "$(said)" '-
auth: member loss is not what the register has'
audit 'several'

# The clock set back: stored as it stands, and no report ends the earlier.
NOW='2026-03-20 09:00:00'
report 0 --kind temporary zz.2
is 'lost' "$(loss)" 'temporary temporarily-lost 2026-03-27T09:00:00Z -'
NOW='2026-03-10 09:00:00'
report 0 --kind temporary zz.2
is 'lost before it was lost' "$(loss)" \
    'temporary temporarily-lost 2026-03-27T09:00:00Z true'
report 0 --kind formal zz.2
is 'what comes earlier is stored behind' "$(past zz | tail -n 2)" \
    'lose-for-now temporarily-lost 2026-03-20T09:00:00Z
lose lost 2026-03-10T09:00:00Z'
report 0 --kind release zz.2
report 0 --kind temporary zz.2
is 'a report ends by the clock that it began by' "$(loss)" \
    'temporary temporarily-lost 2026-03-17T09:00:00Z -'
NOW='2026-03-01 09:00:00'
report 0 --kind temporary zz.2
like 'and does not lapse before' "$(loss)" ' true$'
audit 'the clock set back'

# Many cards, by threads and by stations at once.
NOW='2026-03-04 09:00:00'
for i in $(seq 200 $((199 + many))); do
	form "m$i" 440305 "$i"
done >forms
approve <forms | make-card | activate >cards
report 0 -n --kind formal cards
cp got tried
status 'by threads' 0 at "$NOW" ss-report-loss -n -j4 --kind formal cards
is 'the same' "$(cmp "$W/out" tried)" ''
at "$NOW" ss-report-loss -q -j4 --kind formal --station d2 cards >one &
pid=$!
at "$NOW" ss-report-loss -q --kind formal --station d3 cards >two
wait $pid
cat one two >both
is 'by two stations: each is lost by one' "$(jq -r 'select((.already or .error)
    | not) | .id' both | sort)" "$(jq -r .id cards | sort)"
is 'to the other it is so already, or it was faster' "$(jq -r 'select(.already
    or .error) | .error.code // "already"' both | sort -u |
    grep -vxE 'already|state')" ''
cat cards >again
report 0 --kind formal again
is 'all of them' "$(jq -r '"\(.loss.status) \(.already)"' got | uniq -c |
    xargs)" "$many lost true"
audit 'stations'
done_testing
