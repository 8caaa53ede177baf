#!/bin/sh
# ss-report: its tables beside figures that jq makes of an export.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # variables of jq
. "$(dirname "$0")/lib.sh"
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1
if [ -n "${SS_SLOW:-}" ]; then many=120 rounds=2; else many=1000 rounds=6; fi

regional() { # COUNT: people of four regions
	awk -v n="$1" 'BEGIN {
		split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", w, " ")
		split("110101 110105 440305 220102", r, " ")
		for (k = 0; k < n; k++) {
			s = r[k % 4 + 1] 1960 + int(k / 800) "0307" 100 + k % 800
			for (i = 1 + (t = 0); i <= 17; i++)
				t += w[i] * substr(s, i, 1)
			printf "{\"region\":\"%s\",\"person\":{\"name\":\"王\"," \
			    "\"id_number\":\"%s\"}}\n", r[k % 4 + 1],
			    s substr("10X98765432", t % 11 + 1, 1)
		}
	}'
}
fresh() {
	rm -f registry.db registry.db-wal registry.db-shm ./*.mark
}
report() { # ARGUMENTS...: the rows as JSON, without names, on lines of them
	ss-report --format json "$@" | jq -c 'del(.name)'
}
sql() { # STATEMENT...
	python3 - "$@" <<'PYTHON'
import sqlite3, sys
c = sqlite3.connect("registry.db")
for sql in sys.argv[1:]:
    assert c.execute(sql).rowcount != 0, sql
c.commit()
PYTHON
}

# Usage.
for args in '' 'count' 'stats stock' '--by town stats' '--by' '-n stats' \
    '--format xml stats' '-R 44x stats' '-R 1234567 stats' '-R -1 stats' \
    '--since 2026-02-30 stats' '--until yesterday stats' '--waits stock' \
    '--population p --by-day stats' '--population p --waits stats' \
    '--by-day reconcile' '--hanging 3 stock' '--numbers losses' \
    '--mark m stats' '-R 11 --numbers stock' '-g none stats'; do
	# shellcheck disable=SC2086 # several arguments
	status "usage: ss-report $args" 2 ss-report $args
	is 'nothing on standard output' "$(cat "$W/out")" ''
done
for verb in stats reconcile stock losses; do
	status "$verb without a register" 3 ss-report --format csv $verb
	like 'which is said' "$(cat "$W/err")" 'registry.db: No such file'
done
is 'none is made' "$(ls registry.db* 2>/dev/null)" ''

# An empty register.
: >registry.db
for verb in stats '--waits stats' '--by-day stats' reconcile stock \
    '--numbers stock' losses '--mark empty.mark losses'; do
	for format in text csv json; do
		# shellcheck disable=SC2086 # several arguments
		ok "$verb of nothing as $format" \
		    ss-report --format $format $verb
		[ $format = json ] && want=0 || want=1
		is 'is a heading or nothing' "$(wc -l <"$W/out" | xargs)" "$want"
	done
done
is 'a mark of nothing' "$(cat empty.mark)" '{}'
printf '220102,0\n110105,8000\n110100,9\n11,9\n' >people.csv
is 'where nobody holds a card' "$(report --population people.csv stats |
    jq -c '[.region, .holders, .population, .coverage]')" \
    '["110105",0,8000,0]
["220102",0,0,null]'

# One person's way, with the clock standing still; days are those of +08:00.
fresh
regional 3 >forms
at '2026-03-01 15:59:59' ss-apply -q forms >applied
head -n 1 applied >one
sed -n 2p applied >two
sed -n 3p applied >three
steps() { # FILE INSTANT STEP ...
	_file=$1
	shift
	while [ $# -gt 0 ]; do
		at "$1" take-step "$2" <"$_file" >taken || return
		shift 2
	done
}
steps one '2026-03-01 16:00:00' return '2026-03-02 16:00:00' mend \
    '2026-03-03 04:00:00' approve
at '2026-03-10 04:00:00' make-card <one >taken
steps one '2026-03-11 04:00:00' collect '2026-03-12 04:00:00' take-back \
    '2026-03-13 10:00:00' collect '2026-03-13 10:30:00' activate
steps two '2026-03-04 04:00:01' approve
steps three '2026-03-05 04:00:00' reject
is 'by day: the civil day of each event' \
    "$(report --by-day stats | jq -c '[.region, .day] + ([to_entries[] |
    select(.value == 1) | .key])')" \
    '["110101","2026-03-01","applied"]
["110101","2026-03-02","returned"]
["110101","2026-03-03","approved"]
["110101","2026-03-10","made"]
["110101","2026-03-11","collected"]
["110101","2026-03-13","collected","activated"]
["110105","2026-03-01","applied"]
["110105","2026-03-04","approved"]
["440305","2026-03-01","applied"]
["440305","2026-03-05","rejected"]'
is '--since and --until: both days are in' "$(report --since 2026-03-02 \
    --until 2026-03-04 stats | jq -c '[.region, .applied, .returned,
    .approved, .rejected]')" '["110101",0,1,1,0]
["110105",0,0,1,0]'
is 'waits: from the last mending; each collection' "$(report --waits stats |
    jq -r '[.region, .stage, .count, .median, .p90, .longest] | @tsv' |
    tr '\t' ' ')" '110101 review 1 12 12 12
110101 making 1 168 168 168
110101 collection 2 24.04 30 30
110101 activation 1 0.5 0.5 0.5
110105 review 1 60 60 60'
is 'waits in a period: by their end' "$(report --waits --since 2026-03-11 \
    --until 2026-03-11 stats | jq -c '[.stage, .count]')" '["collection",1]'
is 'holders, open, coverage' "$(printf '110101,3\n110105,7\n' |
    report --population - stats | jq -c '[.region, .holders, .open,
    .population, .coverage]')" '["110101",1,0,3,33.33]
["110105",0,1,7,0]
["440305",0,0,null,null]'
is 'by city' "$(report --by city stats | jq -c '[.region, .applied]')" \
    '["1101",2]
["4403",1]'
is 'by province, of one' "$(report --by province -R 44 stats |
    jq -c '[.region, .rejected]')" '["44",1]'
is 'as text, Chinese names take two columns' "$(ss-report --by province \
    --waits stats)" \
'region  name    stage       count  median     p90  longest
11      北京市  review          2   12.02   60.00    60.00
11      北京市  making          1  168.00  168.00   168.00
11      北京市  collection      2   24.04   30.00    30.00
11      北京市  activation      1    0.50    0.50     0.50'
for bad in '110101,x' '110101' '110101,1,2' '1101,5
x,1' '11,1
110000,2' '110101,-1'; do
	echo "$bad" >bad.csv
	status "a population of $(echo "$bad" | head -n 1)" 2 \
	    ss-report --population bad.csv stats
	like 'names the file' "$(cat "$W/err")" 'bad.csv: '
done
status 'a population that is not there' 3 ss-report --population no stats
status 'a full disk' 3 sh -c 'ss-report stats >/dev/full'
like 'is said' "$(cat "$W/err")" 'standard output: No space'

# What hangs, to the second; working days by the calendar.
hangs() { # INSTANT PERIOD WANT
	is "hanging $2 at $1" "$(at "$1" ss-report --hanging "$2" \
	    --format json reconcile | jq -r '"\(.stage) \(.since)"')" "$3"
}
hangs '2026-03-14 04:00:00' '10 days' ''
hangs '2026-03-14 04:00:01' '10 days' 'free 2026-03-04T04:00:01Z'
hangs '2026-03-09 15:59:59' '3 working days' ''
hangs '2026-03-09 16:00:00' '3 working days' 'free 2026-03-04T04:00:01Z'
hangs '2026-04-04 04:00:00' '1 month' ''
hangs '2026-04-04 04:00:01' '1 month' 'free 2026-03-04T04:00:01Z'
status 'a period of no kind' 2 ss-report --hanging '3 moons' reconcile
at '2026-03-06 00:00:00' make-card --stop-after make <two >taken
hangs '2026-03-08 00:00:00' '2 days' 'making 2026-03-06T00:00:00Z'
claimed() { # UNTIL
	sql "update application set claim = '$1', claimant = 'd7'
	    where state = 'approved'"
}
staged() { # INSTANT
	at "$1" ss-report --format json reconcile | jq -c '[.stage, .station,
	    .count, .since, .until]'
}
steps three '2026-03-06 00:00:00' approve 2>/dev/null
is 'what was rejected is not approved' "$(ss-registry list |
    jq -r .state | sort | xargs)" 'active making rejected'
regional 4 | sed -n 4p | at '2026-03-07 00:00:00' ss-apply -q >four
steps four '2026-03-08 00:00:00' approve
making='["making","d1",1,"2026-03-06T00:00:00Z",null]'
is 'free' "$(staged '2026-03-10 00:00:00')" \
    '["free",null,1,"2026-03-08T00:00:00Z",null]'"
$making"
claimed 2026-03-10T00:00:00Z
is 'claimed to the second' "$(staged '2026-03-10 00:00:00')" \
    '["claimed","d7",1,"2026-03-08T00:00:00Z","2026-03-10T00:00:00Z"]'"
$making"
is 'and the lease is over' "$(staged '2026-03-10 00:00:01')" \
    '["lease-over","d7",1,"2026-03-08T00:00:00Z","2026-03-10T00:00:00Z"]'"
$making"

# A thousand applications, each of a fate by chance, on three stations. The
# clock runs fast, so that no two waits are alike.
fresh
fates=26
regional $many >forms
at '@2025-01-01 00:00:00 x5000' ss-apply -q forms >applied
awk -v n=$fates 'BEGIN { srand(11) } { print >("f." int(rand() * n)) }' applied
take() { # DAY STATION FATES STEP...: or make-card
	_day=$1
	_station=$2
	_fates=$3
	shift 3
	[ "$1" = make-card ] || set -- take-step "$@"
	for _fate in $_fates; do
		[ ! -f "f.$_fate" ] || cat "f.$_fate"
	done | SSCARD_STATION=$_station at "@$_day 00:00:00 x5000" "$@" >taken
}
range() { # FIRST LAST
	seq "$1" "$2" | xargs
}
take 2025-02-01 d1 '1' hold
take 2025-02-02 d2 '2 20' return
take 2025-02-03 d1 '3' reject
take 2025-02-10 d3 '20' mend
take 2025-02-20 d1 "$(range 4 25)" approve
take 2025-03-01 d2 '5 21' make-card --spoil
take 2025-03-05 d2 '6' make-card --stop-after make
take 2025-03-10 d3 "$(range 7 22) 24 25" make-card
take 2025-03-11 d1 '23' cancel
take 2025-03-20 d1 "$(range 8 18) 20 22 24 25" notify
take 2025-04-01 d2 "$(range 9 18) 20 22 24 25" collect
take 2025-04-20 d2 '10' take-back
take 2025-05-01 d3 "$(range 11 18) 20 22 24 25" activate
take 2025-06-01 d1 '13' --until 2027-01-01T00:00:00Z lose-for-now
take 2025-06-02 d1 '14 24' --until 2025-06-08T00:00:00Z lose-for-now
take 2025-06-03 d2 '15 16' lose
take 2025-06-10 d3 '16' release
take 2025-06-11 d1 '17 24' lock
take 2025-06-12 d2 '18 22 25' cancel
take 2025-06-13 d2 '18 22' hand-in
take 2025-06-14 d2 '18' destroy
take 2025-06-15 d2 '19' seal
ok 'the audit is clean' ss-registry -q audit
now=2026-01-01T00:00:00Z
at_now() {
	at '2026-01-01 00:00:00' "$@"
}
awk 'NR % 3 == 0' f.4 | jq -r .id | while read -r id; do
	sql "update application set claim = '2026-02-01T00:00:00Z',
	    claimant = 'd2' where id = '$id'"
done
awk 'NR % 3 == 1' f.4 | jq -r .id | while read -r id; do
	sql "update application set claim = '2025-02-01T00:00:00Z',
	    claimant = 'd3' where id = '$id'"
done
ss-registry export >exported
is 'as many as there should be' "$(grep -c '^{"application"' exported)" $many

# What the tables must be, made of the export.
cat >lib.jq <<'JQ'
def apps: [.[] | select(.application)];
def rows($t): [.[] | select(.table == $t)];
def live: ["normal", "lost", "locked", "temporarily-lost"];
def open: ["applied", "pending", "approved", "returned", "making", "made",
    "collected"];
def among($l): . as $x | $l | index($x) != null;
def steps($app; $l): [$app.events[] | select(.step | among($l))];
def n($events; $l): [$events[] | select(.step | among($l))] | length;
def counts($events): {applied: n($events; ["apply"]),
    approved: n($events; ["approve"]), returned: n($events; ["return"]),
    rejected: n($events; ["reject"]), made: n($events; ["finish"]),
    collected: n($events; ["collect"]),
    activated: n($events; ["activate"]), lost: n($events; ["lose"]),
    cancelled: n($events; ["cancel", "replace"])};
def t: .time | fromdate;
def waits($app; $from; $to): reduce $app.events[] as $e ({since: null, w: []};
    if ($e.step == $to) and .since != null then
    .w += [($e | t) - .since] | .since = null
    elif ($e.step | among($from)) then .since = ($e | t) else . end) | .w;
def rank($p): sort as $s | $s[(($s | length) * $p / 100 | ceil) - 1];
def status($now): if .status == "temporarily-lost" and
    .record.loss.until <= $now then "normal" else .status end;
def code: {normal: 1, lost: 2, locked: 3, "temporarily-lost": 4,
    cancelled: 9}[.];
JQ
expect() { # FILTER of all lines of the export, as a list
	jq -cs --arg now $now -L . "include \"lib\"; $1" exported
}
same() { # TEXT: rows and want are equal, whatever the order of members
	jq -cS . rows >a
	jq -cS . want >b
	ok "$1" cmp a b
	ok 'which are some' test -s b
}

for level in '2 province' '4 city' '6 county'; do
	report --by "${level#* }" stats >rows
	expect "apps | map(. + {r: .record.region[0:${level% *}]}) |
	    group_by(.r)[] | {region: .[0].r} + counts([.[].events[]]) +
	    {holders: [.[] | select(.status | among(live))] | length,
	    open: [.[] | select(.record.state | among(open))] | length}" >want
	same "stats by ${level#* }"
done
report --by-day --since 2025-02-02 --until 2025-03-10 stats >rows
expect '[apps[] | .record.region as $r | .events[] | . + {region: $r,
    day: (t + 28800 | todate[0:10])} | select(.day >= "2025-02-02" and
    .day <= "2025-03-10")] | group_by([.region, .day])[] |
    {region: .[0].region, day: .[0].day} + counts(.) |
    select(del(.region, .day) | any(. > 0))' >want
same 'stats by day in a period'
report --by city --waits stats >rows
expect '[apps[] | .record.region[0:4] as $r | ([1, "review", ["apply",
    "mend"], "approve"], [2, "making", ["approve"], "finish"],
    [3, "collection", ["finish", "take-back"], "collect"],
    [4, "activation", ["collect"], "activate"]) as $s |
    {r: $r, s: $s[0], stage: $s[1], w: waits(.; $s[2]; $s[3])[]}] |
    group_by([.r, .s])[] | map(.w) as $w | {region: .[0].r,
    stage: .[0].stage, count: ($w | length), median: ($w | rank(50) / 3600),
    p90: ($w | rank(90) / 3600), longest: ($w | max / 3600)}' >want
is 'waits: stages and counts' \
    "$(jq -c '[.region, .stage, .count]' rows)" \
    "$(jq -c '[.region, .stage, .count]' want)"
is 'medians and percentiles within 1 %, the longest exact' \
    "$(jq -s '.[:length / 2] as $a | .[length / 2:] as $b |
    [range($a | length) | . as $i | ("median", "p90", "longest") as $m |
    ($a[$i][$m] - $b[$i][$m] | fabs) > 0.00501 +
    (if $m == "longest" then 0 else $b[$i][$m] / 100 end)] |
    [length, any]' -c rows want)" '[36,false]'

at_now ss-report --format json reconcile | jq -c 'del(.name)' >rows
expect 'rows("job") as $jobs | def last($l): (steps(.; $l) | last) as $e |
    {station: $e.station, since: $e.time}; [apps[] | .application as $id |
    (if .record.state == "approved" then {since: .events[-1].time,
    until: .claim.until, station: .claim.station} + (if .claim == null then
    {o: 0, stage: "free"} elif .claim.until >= $now then
    {o: 1, stage: "claimed"} else {o: 2, stage: "lease-over"} end)
    elif .record.state == "making" then ([$jobs[] | select(.id == $id)][0] |
    {o: 3, stage: "making", since, station})
    elif .record.state == "made" then (if n(.events; ["notify"]) > 0 then
    {o: 5, stage: "not-collected"} else {o: 4, stage: "not-told"} end) +
    last(["finish", "take-back"])
    elif .record.state == "collected" then {o: 6, stage: "not-active"} +
    last(["collect"]) else empty end) + {region: .record.region}] |
    group_by([.o, .region, .station])[] | {stage: .[0].stage,
    region: .[0].region, station: .[0].station, count: length,
    since: (map(.since) | min), until: (map(.until) | min), note: null}' >want
same 'reconcile: what is on its way'
is 'all stages of it' "$(jq -r .stage rows | uniq | xargs)" \
    'free claimed lease-over making not-told not-collected not-active'
at_now ss-report --hanging '290 days' --format json reconcile |
    jq -c 'del(.name)' >rows
jq -s 'map(select(.stage == "making")) | length' rows >"$W/n"
ok 'hanging: some, of those the making' test "$(cat n)" -gt 0
is 'none that came later' "$(jq -r 'select(.since > "2025-03-17T00:00:00Z")' \
    rows)" ''
is 'all that came before' "$(jq -s length rows)" "$(expect '[apps[] |
    select((.record.state | among(["approved", "making"])) or
    (.record.state == "made" and n(.events; ["take-back"]) == 0))] | length')"
is 'in the order of ids' "$(jq -r .id rows)" "$(jq -r .id rows | sort)"

report stock >rows
expect '(apps | map({key: .application, value: .}) | from_entries) as $a |
    [rows("card")[] | . + {region: $a[.id].record.region, kind:
    (if .stock == "made" and ([$a[.id] | steps(.; ["collect", "take-back"]) |
    last.step] == ["collect"]) then "handed_over" else .stock end)}] |
    group_by([.region, .station])[] | . as $g | {region: $g[0].region,
    station: $g[0].station} + ([("blank", "made", "handed_over", "spoiled",
    "returned", "destroyed") as $k | {key: $k, value: ([$g[] |
    select(.kind == $k)] | length)}] | from_entries)' >want
same 'stock'
report --numbers stock >rows
expect 'rows("number_block") as $b | rows("number_span")[] | .span as $s |
    ([$b[] | select(.span == $s) | .last - .next] | add) as $rest |
    ($s | capture(":(?<a>[0-9]+)-(?<b>[0-9]+)$") | map_values(tonumber) |
    .b - .a + 1) as $all | {range: $s, total: $all, given: (.next - $rest),
    reserved: $rest, left: ($all - .next)}' >want
same 'numbers'
is 'as many as there are cards' "$(jq .given rows)" \
    "$(expect 'rows("card") | length')"

full() { # the full list by the export
	ss-registry export >exported
	expect '[apps[] | select(.record.card.number) | . as $a |
	    status($now) as $s | select($s | among(["lost", "locked",
	    "temporarily-lost", "cancelled"])) | select($s != "cancelled" or
	    .record.card.expires >= "2026-01-01") | {number:
	    .record.card.number, status: $s, code: ($s | code),
	    since: (steps(.; ["lose-for-now", "lose", "lock", "cancel",
	    "replace"]) | last.time), until: (if $s == "temporarily-lost" then
	    .record.loss.until else null end)}] | sort_by(.number)[]' >want
}
losses() { # ARGUMENTS...
	at_now ss-report --format json "$@" losses
}
full
losses >rows
same 'losses: the full list'
is 'of every kind' "$(jq -r .status rows | sort -u | xargs)" \
    'cancelled locked lost temporarily-lost'
at '2035-03-09 16:00:00' ss-report --format json losses | jq -r .status |
    sort -u >kinds
is 'cancelled cards up to their last day' "$(grep -c cancelled kinds)" 1
at '2035-03-12 16:00:00' ss-report --format json losses | jq -r .status |
    sort -u >kinds
is 'and no longer' "$(xargs <kinds)" 'locked lost'
is 'of a region' "$(losses -R 1101 | jq -r .number)" "$(jq -r \
    'select(.record.region[0:4] == "1101") | .record.card.number // empty' \
    exported | sort | comm -12 - "$(jq -r .number rows >n; echo n)")"

# As CSV, by another reader.
for verb in stats '--waits stats' reconcile '--hanging 9_days reconcile' stock \
    '--numbers stock' losses; do
	# shellcheck disable=SC2086 # several arguments
	for format in csv json; do
		set -- $verb
		[ "$1" != --hanging ] || set -- --hanging '9 days' reconcile
		at_now ss-report --format $format "$@" >table.$format
	done
	ok "$verb: CSV says what JSON says" python3 - <<'PYTHON'
import csv, json
data = open("table.csv", newline="", encoding="utf-8").read()
assert data.count("\n") == data.count("\r\n")
rows = list(csv.DictReader(data.splitlines(True)))
want = [json.loads(l, parse_float=str) for l in open("table.json")]
assert rows and len(rows) == len(want)
for r, w in zip(rows, want):
    assert list(r) == list(w)
    assert r == {k: "" if v is None else str(v) for k, v in w.items()}
PYTHON
done

# A mark over three stations: the changes lead from each list to the next.
cp registry.db before.db
losses --mark t.mark >rows
full
same 'the first list with a mark is the full one'
is 'for its owner alone' "$(stat -c %a t.mark)" 600
marked() { # the mark beside the stations' counts
	is "$1" "$(jq -cS . t.mark)" "$(ss-registry export |
	    jq -cnS '[inputs | select(.table == "station") |
	    {key: .name, value: .events}] | from_entries')"
}
marked 'the mark has every station'
jq -r .number rows | sort >terminal
give() { # rows to the terminal
	jq -r .number rows | sort | comm -23 terminal - >kept
	jq -r 'select(.status != "normal") | .number' rows |
	    sort - kept >terminal
}
i=0
while [ $i -lt $rounds ]; do
	i=$((i + 1))
	for step in lose release lock unlock cancel notify activate collect; do
		jq -c 'select(.application) | {id: .application}' exported |
		    awk -v s=$((i * 31 + $(printf %s $step | wc -c))) \
		    'BEGIN { srand(s) } rand() < 0.05' |
		    SSCARD_STATION=d$((i % 3 + 1)) at_now take-step $step \
		    >>taken 2>/dev/null
	done
	losses --mark t.mark -n >dry
	losses --mark t.mark >rows
	ok "round $i: a dry run says the same and leaves the mark" \
	    cmp dry rows
	marked "round $i: the mark has come along"
	is "round $i: in order, each once" "$(jq -r .number rows)" \
	    "$(jq -r .number rows | sort -u)"
	give
	full
	is "round $i: the terminal has the full list" "$(cat terminal)" \
	    "$(jq -r .number want)"
	grep -Fxf rows want >a || :
	is "round $i: and the same of each card" \
	    "$(jq -c 'select(.status != "normal")' rows)" "$(cat a)"
done
is 'then nothing has changed' "$(losses --mark t.mark)" ''

# The same while three stations work.
jq -c 'select(.record.state == "active") | {id: .application}' exported >active
for i in 1 2 3; do
	{
		for step in lose release lose lock lose release; do
			awk -v s=$i 'NR % 3 == s - 1' active |
			    SSCARD_STATION=d$i at_now take-step $step
		done
		: >ended.$i
	} >taken.$i 2>/dev/null &
done
lists=0
while [ ! -f ended.1 ] || [ ! -f ended.2 ] || [ ! -f ended.3 ]; do
	losses --mark t.mark >rows
	give
	lists=$((lists + 1))
done
wait
losses --mark t.mark >rows
give
full
ok "while stations work: $lists lists" test $lists -gt 1
is 'the terminal has the full list' "$(cat terminal)" "$(jq -r .number want)"
ok 'the audit is clean after it' ss-registry -q audit

# What is no change, and a loss that lapses.
jq -c 'select(.status == "normal" and .record.state == "active") |
    {id: .application}' exported | head -n 1 >one
at_now take-step --until 2026-01-02T00:00:00Z lose-for-now <one >taken
number=$(jq -r .card.number taken)
is 'a temporary loss' "$(losses --mark t.mark)" '{"number":"'"$number"'",'\
'"status":"temporarily-lost","code":4,"since":"'$now'",'\
'"until":"2026-01-02T00:00:00Z"}'
listed() { # INSTANT ARGUMENTS...: the card's line
	_at=$1
	shift
	at "$_at" ss-report --format json "$@" losses |
	    jq -r "select(.number == \"$number\") | .status + \" \" + .since"
}
is 'until its instant' "$(listed '2026-01-01 23:59:59')" \
    "temporarily-lost $now"
is 'then it is none' "$(listed '2026-01-02 00:00:00')" ''
is 'nor a change' "$(listed '2026-01-02 00:00:00' --mark t.mark)" ''
cp t.mark old.mark
echo '{}' >t.mark
is 'nor a loss, in a list of changes that has its beginning' \
    "$(listed '2026-01-02 00:00:00' --mark t.mark)" \
    'normal 2026-01-02T00:00:00Z'
cp old.mark t.mark
SSCARD_STATION=d3 at '2026-01-03 00:00:00' take-step try-pin <one >taken
is 'the next step stores the lapse' "$(listed '2026-01-03 00:00:00' \
    --mark t.mark)" 'normal 2026-01-02T00:00:00Z'
cp old.mark t.mark
SSCARD_STATION=d1 at '2026-01-04 00:00:00' take-step lose <one >taken
SSCARD_STATION=d2 at '2026-01-05 00:00:00' take-step release <one >taken
is 'three changes at three stations, one line' "$(at '2026-01-06 00:00:00' \
    ss-report --format json --mark t.mark losses | wc -l | xargs)" 1
SSCARD_STATION=d3 at '2026-01-05 00:00:00' take-step lock <one >taken
is 'locked' "$(listed '2026-01-06 00:00:00' --mark t.mark)" \
    'locked 2026-01-05T00:00:00Z'
SSCARD_STATION=d2 at '2026-01-05 01:00:00' take-step unlock <one >taken
is 'unlocked' "$(listed '2026-01-06 00:00:00' --mark t.mark)" \
    'normal 2026-01-05T01:00:00Z'
cp old.mark t.mark
is 'an older mark repeats it' "$(listed '2026-01-06 00:00:00' \
    --mark t.mark)" 'normal 2026-01-05T01:00:00Z'

# A mark that is none, or another's; a list that was not written.
for bad in '[]' 'x' '{"d1":"1"}' '{"d1":-1}' '{"d1":1000000}' '{"d9":1}' '3'; do
	echo "$bad" >bad.mark
	status "a mark of $bad" 2 ss-report --mark bad.mark losses
	is 'stays, and nothing is written' "$(cat bad.mark "$W/out")" "$bad"
done
echo '{"d9":0,"d1":0}' >zero.mark
ok 'a mark of noughts' ss-report --mark zero.mark losses
cp old.mark t.mark
status 'a full disk' 3 sh -c 'ss-report --mark t.mark losses >/dev/full'
ok 'leaves the mark as it was' cmp t.mark old.mark
status 'a mark that cannot be made' 3 ss-report --mark no/t.mark losses
like 'is said' "$(cat "$W/err")" 'no/t.mark: No such file'
is 'the list was written' "$(wc -l <"$W/out")" "$(ss-report losses | wc -l)"
is 'nothing is left beside the marks' "$(ls ./*.mark.* 2>/dev/null)" ''
rm t.mark
ln -s old.mark t.mark
ok 'a mark that is a link' ss-report --mark t.mark losses
ok 'becomes a file' test ! -L t.mark

# Nobody's home and name are needed where the register is named.
ok 'without HOME' env -u HOME -u XDG_STATE_HOME -u LOGNAME ss-report stats
status 'without HOME and register' 3 env -u HOME -u XDG_STATE_HOME \
    -u SSCARD_REGISTRY ss-report stats

# Sums that do not agree.
differs() { # TEXT WANT SQL...
	rm -f registry.db registry.db-wal registry.db-shm
	cp before.db registry.db
	_what=$1
	_says=$2
	shift 2
	sql "$@"
	status "$_what" 1 ss-report --format json reconcile
	like 'is said' "$(cat "$W/err")" 'sums do not agree'
	is 'and which' "$(jq -r 'select(.stage == "difference") |
	    "\(.count) \(.note)"' "$W/out" | sed 's/[0-9]\{1,\}/N/g')" "$_says"
}
differs 'a job that is gone' \
    'N applications being made: N; jobs with a card: N' \
    'delete from job where id = (select min(id) from job)'
differs 'a card that is gone' \
    'N applications with a card: N; cards made, returned and destroyed: N' \
    "delete from card where chip = (select min(chip) from card
    where stock = 'made')"
differs 'a blank card that is gone' \
    'N applications being made: N; blank cards bound: N' \
    "delete from card where chip = (select min(chip) from card
    where stock = 'blank')"
differs 'an application that was made approved' \
    'N approved applications: N; approved by their last event: N' \
    "update application set state = 'approved' where id =
    (select min(id) from application where state = 'rejected')"
is 'elsewhere they agree' "$(ss-report -R 99 reconcile | wc -l | xargs)" 1
done_testing
