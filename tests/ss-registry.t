#!/bin/sh
# ss-registry: the register looked at, checked, taken out and put back.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1
reg() {
	ss-registry "$@"
}
ids() {
	jq -r .id | xargs
}
stopped() { # TEXT PATTERN COMMAND...
	_text=$1
	_pattern=$2
	shift 2
	status "$_text" 3 "$@"
	like 'which is said' "$(cat "$W/err")" "$_pattern"
}

# No register there.
for verb in list audit export 'show A' 'history A'; do
	# shellcheck disable=SC2086 # a verb with its operand
	stopped "$verb without a register" 'registry.db: No such file' \
	    reg $verb
done
is 'none is made' "$(ls "$W"/registry.db* 2>/dev/null)" ''

# Usage.
for args in '' 'look' 'list A' 'audit A' 'export A' 'show' 'history' \
    '--nonsense list'; do
	# shellcheck disable=SC2086 # several arguments
	status "usage: ss-registry $args" 2 reg $args
	is 'nothing on standard output' "$(cat "$W/out")" ''
done
status 'a name of no kind' 2 reg -g nonsense list
status 'none is no register' 2 reg -g none list

# Three applications: A approved, B returned, C applied.
make-photo >p.jpg
printf one >one.pdf
a=$(citizen 110101 19900307 881)
b=$(citizen 110105 19900307 881)
c=$(citizen 440303 19900307 881)
jq -nc --arg a "$a" --arg b "$b" --arg c "$c" '
    ({id: "A", person: {name: "张三", id_number: $a, id_until: "长期",
    phone: "13800138000", address: "东城区1号"}, photo: "p.jpg",
    documents: {identity: "one.pdf"}}),
    {id: "B", person: {name: "李四", id_number: $b}},
    {id: "C", person: {name: "王五", id_number: $c}}' >forms
at '2026-03-01 09:00:00' ss-apply -q forms >applied
head -n 2 applied |
    at '2026-03-02 09:00:00' ss-verify -q -o li --station d2 >reviewed
at '2026-03-03 09:00:00' ss-verify -q -o li --station d2 \
    --attest likeness,bareheaded,face reviewed >approved
is 'three applications' "$(jq -r '.id + " " + .state' approved | xargs)" \
    'A approved B returned'

# list
listed() { # TEXT WANT ARGUMENTS...
	_text=$1
	_want=$2
	shift 2
	ok "list $_text" reg list "$@"
	is "gives ${_want:-nothing}" "$(ids <"$W/out")" "$_want"
}
listed 'all' 'A B C'
is 'records as they were written' "$(reg list | sed -n 1p)" \
    "$(head -n 1 approved | jq -cS .)"
listed '--state' 'A' --state approved
listed '--state' 'C' --state applied
listed '--state of none' '' --state made
status '--state that there is not' 2 reg list --state approoved
listed '--person' 'B' --person "$b"
listed '--person of none' '' --person "$(citizen 110101 19900307 999)"
listed '-R of a city' 'A B' -R 11
listed '-R of a county' 'B' -R 110105
listed '-R of none' '' -R 22
listed '--since' 'A B' --since 2026-03-02T00:00:00Z
listed '--since its instant' 'A' --since 2026-03-03T09:00:00Z
listed '--until' 'C' --until 2026-03-02T00:00:00Z
listed '--until its instant' 'B C' --until 2026-03-03T09:00:00Z
listed 'between' 'B' --since 2026-03-02T00:00:00Z --until 2026-03-02T10:00:00Z
listed 'several' 'A' --state approved -R 1101
listed 'several that exclude each other' '' --state approved -R 110105
status '--since that is no time' 2 reg list --since yesterday
listed '--since with an offset' 'A B' --since 2026-03-02T17:00:00+08:00

# show, history
is 'show' "$(reg show C)" "$(sed -n 3p applied | jq -cS .)"
is 'show several, in this order' "$(reg show C A | ids)" 'C A'
status 'show one that is not there' 1 reg show A nope C
is 'the others are shown' "$(ids <"$W/out")" 'A C'
is 'it is named' "$(cat "$W/err")" \
    'ss-registry: application nope is not in the register'
is 'history' "$(reg history A | jq -r '"\(.number) \(.step) \(.state)\(
    " ")\(.time) \(.operator) \(.station) \(.station_number)"')" \
    '1 apply applied 2026-03-01T09:00:00Z wang d1 1
2 hold pending 2026-03-02T09:00:00Z li d2 1
3 approve approved 2026-03-03T09:00:00Z li d2 3'
status 'history of one that is not there' 1 reg history nope B
is 'the other is told' "$(jq -r .step "$W/out" | xargs)" 'apply return'
is 'the last event is of the record' "$(reg history A | tail -n 1 |
    jq -r .record_sm3)" "$(reg show A | tr -d '\n' | openssl dgst -sm3 -r |
    cut -d' ' -f1)"

# What it lists goes on.
ok 'what it lists is reviewed' sh -c 'ss-registry list --state applied |
    ss-verify -q -o li --station d2'
is 'by its state' "$(jq -r '.id + " " + .state + " " + (.already | tostring)' \
    "$W/out")" 'C returned null'
ok 'all of it' sh -c 'ss-registry list | ss-verify -q -o li'
is 'is passed or done' "$(jq -r '.id + " " + .state' "$W/out" | xargs)" \
    'A approved B returned C returned'

# audit, export, import
ok 'audit' reg audit
is 'nothing to say of it' "$(cat "$W/out")" ''
is 'but how many' "$(cat "$W/err")" \
    'ss-registry: 3 applications, 7 events, 0 cards, 0 actions, '\
'2 stations: 0 faults'
ok 'audit -q' reg -q audit
is 'says nothing' "$(cat "$W/out" "$W/err")" ''
reg export >exported
is 'export: an application a line' "$(jq -r 'select(.application) |
    .application + " " + .status + " " + (.events | length | tostring)' \
    exported | xargs)" 'A none 3 B none 2 C none 2'
is 'then the rows of the other tables' "$(jq -c 'select(.table)' exported)" \
    '{"table":"station","name":"d1","events":3,"actions":0}
{"table":"station","name":"d2","events":4,"actions":0}'
is 'an event has the status of the card' "$(jq -r '.events[]?.status' \
    exported | sort | uniq -c | xargs)" '7 none'
other="sqlite:$W/new/other.db"
reg -q -n -g "$other" import exported 2>log
is 'import tried into none makes none' "$(ls new 2>/dev/null)" ''
: >tried.db
ok 'import tried' reg -q -n -g "$W/tried.db" import exported
is 'stores nothing' "$(reg -g "$W/tried.db" list)" ''
ok 'import into a new one' reg -g "$other" import exported
is 'which is made' "$(cat "$W/err")" \
    "ss-registry: made the register $other"
is 'for its owner alone' "$(stat -c %a new/other.db)" 600
reg -g "$other" export >exported2
ok 'export is what was imported' cmp exported exported2
ok 'its audit is clean' reg -g "$other" audit
status 'a second import' 3 reg -g "$other" import exported
like 'is refused' "$(cat "$W/err")" \
    'line 1: application A, or another one of its person'
reg -g "$other" export >exported2
ok 'and changes nothing' cmp exported exported2
third="sqlite:$W/third.db"
ok 'from standard input' sh -c "ss-registry -q -g '$third' import <exported"
ok 'its audit' reg -q -g "$third" audit
head -n 1 forms | jq -c '.id = "D"' |
    jq -c --arg n "$(citizen 110101 19900307 882)" '.person.id_number = $n' |
    ss-apply -q -g "$third" >applied.d
is 'which goes on' "$(reg -g "$third" history D |
    jq -r '[.station, .station_number] | @csv')" '"d1",4'
ok 'and is clean' reg -q -g "$third" audit

# An export of the first version, with neither statuses nor other tables.
jq -c 'select(.application) | del(.status, .events[].status)' exported >first
ok 'an export of the first version' reg -q -g "$W/first.db" import first
ok 'is whole' reg -q -g "$W/first.db" audit
reg -g "$W/first.db" export >first.out
ok 'and exported as by this one' cmp exported first.out
ok 'in parts too' reg -q -g "$W/parts.db" import - <<END
$(sed -n 1p first)
END
for n in 2 3; do
	sed -n ${n}p first | reg -q -g "$W/parts.db" import
done
ok 'they are whole in the end' reg -q -g "$W/parts.db" audit
reg -g "$W/parts.db" export >first.out
ok "and the stations' counts are the highest that came" \
    cmp exported first.out

refusals=0 tampers=0
fourth="sqlite:$W/fourth.db"
refused() { # TEXT EDIT; a few of them where all is slow
	refusals=$((refusals + 1))
	[ -z "${SS_SLOW:-}" ] || [ $refusals -le 2 ] || return 0
	{ head -n 1 exported; sed -n 2p exported | eval "$2"; } >bad.jsonl
	status "import refuses $1" 3 reg -q -g "$fourth" import bad.jsonl
	like 'by its line' "$(cat "$W/err")" 'line 2: '
	is 'nothing is stored' "$(reg -g "$fourth" list)" ''
}
refused 'what is no JSON' 'echo nonsense'
refused 'an empty line' 'echo'
refused 'a list' 'echo "[]"'
refused 'a record' 'jq -c .record'
refused 'no events' "jq -c 'del(.events)'"
refused 'an empty chain' "jq -c '.events = []'"
refused 'an event without a digest' "jq -c 'del(.events[0].digest)'"
refused 'a number that is a string' "jq -c '.events[0].number = \"1\"'"
refused 'a record without a person' "jq -c 'del(.record.person)'"
refused 'no state' "jq -c '.record.state = \"good\"'"
refused 'a long id' "jq -c '.application = \"x\" * 65'"
refused 'the first again' 'head -n 1 exported'
refused 'a number of the station twice' \
    "jq -c '.events[0].station_number = 1'"
refused 'a line that was cut' 'cut -c1-200'
refused 'a status that there is not' "jq -c '.events[-1].status = \"good\"'"
refused 'another table' 'echo "{\"table\":\"event\",\"id\":\"A\"}"'
refused 'a row that lacks a column' \
    'echo "{\"table\":\"station\",\"name\":\"x\",\"events\":1}"'
status 'a file that is not there' 3 reg -q -g "$fourth" import nope.jsonl

# What the audit finds; bad.db is of the last one.
tamper() { # TEXT PATTERN SQL...; a few of them where all is slow
	tampers=$((tampers + 1))
	[ -z "${SS_SLOW:-}" ] || [ $((tampers % 8)) = 1 ] || return 0
	_text=$1
	_pattern=$2
	shift 2
	rm -f bad.db*
	ss-registry -q -g "sqlite:$W/bad.db" import exported
	python3 - "$@" <<'PYTHON'
import sqlite3, sys
c = sqlite3.connect("bad.db")
for sql in sys.argv[1:]:
    assert c.execute(sql).rowcount != 0, sql
c.commit()
PYTHON
	status "audit finds $_text" 1 reg -g "sqlite:$W/bad.db" audit
	like 'and names it' "$(jq -r '.subject + ": " + .fault' "$W/out")" \
	    "$_pattern"
}
tamper 'a changed record' '^A: the record is not what its digest says' \
    "update application set record = replace(record, '张三', '张五')
    where id = 'A'"
is 'and nothing else' "$(jq -r .subject "$W/out")" A
tamper 'a record that is no JSON' '^A: the record is not JSON' \
    "update application set record = 'x', record_sm3 = '$(printf x |
    openssl dgst -sm3 -r | cut -d' ' -f1)' where id = 'A'"
for column in step state status time operator station record_sm3 prev; do
	tamper "an event's changed $column" \
	    '^A: an event is not what its digest says' \
	    "update event set $column = 'x' where id = 'A' and number = 2"
done
tamper 'a changed digest' '^A: an event does not follow' \
    "update event set digest = prev where id = 'A' and number = 2"
tamper 'a removed event' '^A: an event is missing from its chain' \
    "delete from event where id = 'A' and number = 2"
tamper 'the number that went with it' '^d2: a number of the station' \
    "delete from event where id = 'A' and number = 2"
tamper 'a cut tail' '^A: the chain does not end' \
    "delete from event where id = 'A' and number = 3"
tamper 'a removed application' '^B: ' \
    "delete from application where id = 'B'"
tamper 'an application removed with its events' '^d1: a number' \
    "delete from application where id = 'B'" \
    "delete from event where id = 'B'"
tamper 'the last application removed with its events, the last of a station' \
    '^d2: ' "delete from application where id = 'C'" \
    "delete from event where id = 'C'"
for column in region person kind number chip until form_sm3; do
	tamper "a changed $column" '^A: the columns are not' \
	    "update application set $column = '110102' where id = 'A'"
done
tamper 'a changed state' '^A: the columns are not' \
    "update application set state = 'pending' where id = 'A'"
tamper 'which is not that of its chain' '^A: the last event is of another' \
    "update application set state = 'pending' where id = 'A'"
tamper 'a status of the card' '^A: the card is not where the events' \
    "update application set status = 'normal' where id = 'A'"
tamper 'a changed revision' '^B: the columns are not' \
    "update application set revision = 2 where id = 'B'"
tamper 'a changed instant' '^A: ' \
    "update application set changed = '2030-01-01T00:00:00Z' where id = 'A'"
tamper 'a number of a station changed' '^d2: a number of the station' \
    "update event set station_number = 9 where id = 'A' and number = 2"
tamper "a station's count" '^d2: ' \
    "update station set events = 9 where name = 'd2'"
tamper "a station's count of actions" '^d2: ' \
    "update station set actions = 1 where name = 'd2'"
tamper 'a card of no application' '^X: the card is not' \
    "insert into card values ('X', 'n', 'nobody', 'blank', 'd1', '')"
tamper 'a card of one that has none' '^X: the card is not' \
    "insert into card values ('X', 'n', 'A', 'made', 'd1', '')"
tamper 'a job of one that is returned' '^B: the job is not' \
    "insert into job values ('B', 'n', '', 'd1', 1, '')"
tamper 'an action that nobody counted' '^d1: ' \
    "insert into action values ('d1', 1, '', '', '', '', '', '', '')"
tamper 'two stations that counted other events' '^d1: ' \
    "update station set events = events + 1 where name = 'd1'" \
    "update station set events = events - 1 where name = 'd2'"
tamper 'a station removed' '^d2: ' "delete from station where name = 'd2'"

# A full disk, where standard output goes.
for verb in list export 'show A' 'history A' 'show nope A'; do
	stopped "$verb: a full disk" 'standard output: No space' \
	    sh -c "ss-registry $verb >/dev/full"
done
stopped 'audit with faults: a full disk' 'standard output: No space' \
    sh -c "ss-registry -g 'sqlite:$W/bad.db' audit >/dev/full"

# A register that is none.
seq 100 >text.db
stopped 'a text' 'text.db: .*not a database' reg -g "$W/text.db" audit
is 'and stays what it was' "$(seq 100 | cmp - text.db)" ''
python3 -c 'import sqlite3
c = sqlite3.connect("foreign.db")
c.execute("create table t (a)")'
cp foreign.db foreign.before
stopped 'a foreign database' 'no register of sscard' \
    reg -g "$W/foreign.db" list
ok 'stays what it was too' cmp foreign.db foreign.before
: >empty.db
ok 'an empty file' reg -q -g "$W/empty.db" list
python3 -c 'import sqlite3
sqlite3.connect("bad.db").execute("pragma wal_checkpoint(truncate)")'
head -c 10000 bad.db >cut.db
stopped 'a file that was cut' 'malformed' reg -g "$W/cut.db" export

# By a person, as people write the number.
forms_of 2 >two
ss-apply -q -g "$W/some.db" two >applied
is 'a person, from standard input' "$(jq -r .person.social_number applied |
    sed -n 2p | tr X x | ss-registry -g "$W/some.db" --person - list |
    jq -r .id)" "$(sed -n 2p applied | jq -r .id)"
is 'and another one' "$(ss-registry -g "$W/some.db" --person \
    "$(head -n 1 applied | jq -r .person.social_number)" list |
    jq -r .id)" "$(head -n 1 applied | jq -r .id)"
status 'no number' 2 ss-registry -g "$W/some.db" --person 'a b' list

# What a command does not take it does not ask for.
ok 'without a home, but with a register' env -u HOME -u XDG_STATE_HOME \
    -u SSCARD_FILES ss-registry -g "$W/empty.db" list
ok 'a desk without files too' env -u HOME -u XDG_STATE_HOME \
    -u SSCARD_FILES ss-cancel -q -g "$W/empty.db" --reason death /dev/null
like 'none is offered where there may be none' \
    "$(ss-verify --help | grep -e --registry)" 'none for none'
not_ok 'and nowhere else' sh -c \
    'ss-cancel --help | grep -e --registry | grep none'
done_testing
