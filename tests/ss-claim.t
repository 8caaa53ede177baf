#!/bin/sh
# ss-claim: each approved application to one station at a time, also among
# crowds, after kills and on full disks; leases, regions, and letting go.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1

if [ -n "${SS_SLOW:-}" ]; then
	crowd=3 each=20 many=60
else
	crowd=8 each=50 many=400
fi

make-photo >p.jpg
printf one >one.pdf
forms() { # COUNT REGION [FIRST]: as many forms, of other people
	people "$1" "${3:-0}" | jq -Rc --arg r "$2" '{region: $r, person: {name: "王小明",
	    id_number: ., id_until: "长期", phone: "13800138000",
	    address: "东城区1号"}, photo: "p.jpg",
	    documents: {identity: "one.pdf"}}'
}
approve() { # forms of standard input
	ss-apply -q | ss-verify -q -o li --attest likeness,bareheaded,face
}
fresh() { # a register that is not there yet
	rm -f registry.db registry.db-wal registry.db-shm
}
regions() { # FILE: how many of each
	jq -r .region "$1" | sort | uniq -c | xargs
}
actions() { # what is said of the actions
	ss-registry export | jq -r 'select(.table == "action") |
	    "\(.number) \(.operator) \(.word) \(.subject) \(.detail)"'
}
said() { # FILE: the error of each record
	jq -r '.error | if . then .code + ": " + .message else "-" end' "$1"
}

# How it is called.
usage() { # TEXT PATTERN ARGUMENTS...
	_what=$1
	_like=$2
	shift 2
	status "$_what" 2 ss-claim "$@"
	like 'which is said' "$(cat "$W/err")" "$_like"
}
forms 5 110105 | approve >approved
usage 'no number' 'how many is wanted'
usage 'nought' 'how many is wanted' 0
usage 'more than a number' 'how many is wanted' 5x
usage 'a number and a file' 'how many is wanted' 5 approved
usage 'held and release' 'exclude each other' --held --release
usage 'a lease for those held' '--lease goes with a claim' --held --lease \
    '1 hour' 5
usage 'a lease that is no period' '--lease: not a period' --lease soon 5
usage 'a lease in months' '--lease: minutes, hours or days' --lease \
    '2 months' 5
usage 'a lease in working days' '--lease: minutes, hours or days' --lease \
    '2 working days' 5
usage 'a region that is none' 'region' -R 99 5
usage 'without a register' 'no register' -g none 5
status 'tried with a register that is not there' 3 ss-claim -n -g \
    "$W/none.db" 5
is 'is not made' "$(ls none.db 2>/dev/null)" ''
is 'nothing was claimed' "$(actions)" ''

# Exactly so many, once, as the register has them.
jq -r .id approved >ids
ss-registry list | sort >listed
status 'a dry run' 0 ss-claim -n 3
is 'shows what it would claim' "$(jq -r .id "$W/out")" "$(head -n 3 ids)"
is 'and claims nothing' "$(actions; ss-claim --held 9 2>&1)" \
    'ss-claim: 0 of 9: no more are held'
NOW='2026-03-01 09:00:00'
status 'three' 0 at "$NOW" ss-claim 3
cp "$W/out" three
is 'the oldest ones' "$(jq -r .id three)" "$(head -n 3 ids)"
is 'nothing is said' "$(cat "$W/err")" ''
is 'byte for byte as the register has them' \
    "$(sort three | comm -23 - listed)" ''
is 'an action says so' "$(actions)" \
    '1 wang claim  {"count":3,"until":"2026-03-01T17:00:00Z"}'
status 'three more, of two' 0 at "$NOW" ss-claim --station d2 3
is 'are two' "$(jq -r .id "$W/out")" "$(tail -n 2 ids)"
is 'and their number is said' "$(cat "$W/err")" \
    'ss-claim: 2 of 3: no more are free'
status 'a third station' 0 at "$NOW" ss-claim --station d3 3
is 'gets none' "$(cat "$W/out" "$W/err")" 'ss-claim: 0 of 3: no more are free'
status 'quietly' 0 at "$NOW" ss-claim -q --station d3 3
is 'without a word' "$(cat "$W/out" "$W/err")" ''
is 'no action is stored of nothing' "$(actions | wc -l)" 2
ss-registry list | sort >after
ok 'the applications are as they were' cmp listed after
at "$NOW" ss-claim -q --held 9 >got
ok 'those held are the same' cmp three got
at "$NOW" ss-claim --held 2 >got 2>err
is 'so many of them as are asked for' "$(jq -r .id got; cat err)" \
    "$(head -n 2 ids)"

# A lease ends.
is 'held to the last' "$(at '2026-03-01 17:00:00' ss-claim -q --held 9 |
    wc -l) $(at '2026-03-01 17:00:00' ss-claim -q --station d3 9 | wc -l)" \
    '3 0'
is 'free then' "$(at '2026-03-01 17:00:01' ss-claim -q --held 9 | wc -l)" 0
at '2026-03-01 17:00:01' ss-claim -q --station d3 --lease '90 minutes' 2 >got
is 'and another station has them' "$(jq -r .id got)" "$(head -n 2 ids)"
like 'for as long as it said' "$(actions)" '"until":"2026-03-01T18:30:01Z"'
at '2026-03-01 17:00:01' ss-claim --release --station d1 three >got 2>err
is 'what another one holds is not let go' "$(said got)" 'state: station d3'\
' holds this application until 2026-03-01T18:30:01Z
state: station d3 holds this application until 2026-03-01T18:30:01Z
-'
is 'what nobody holds was so before' "$(jq -c .already got | tail -n 1)" true
at '2026-02-01 09:00:00' ss-claim -q --station d4 9 >got
is 'a clock set back frees nothing' "$(cat got)" ''
audit 'leases'
cp -r "$SSCARD_DATA" data
chmod -R u+w data
jq '.claim.lease = "30 minutes"' "$SSCARD_DATA/policies/00.json" \
    >data/policies/00.json
echo '{"claim": {"lease": "2 days"}}' >data/policies/1101.json
NOW='2026-04-01 09:00:00'
SSCARD_DATA=$W/data at "$NOW" ss-claim -q --station d5 1 >got
like 'the lease of the policy' "$(actions)" '"until":"2026-04-01T09:30:00Z"'
SSCARD_DATA=$W/data at "$NOW" ss-claim -q --station d5 -R 110105 1 >>got
like 'that of the region that is named' "$(actions)" \
    'claim 110105 .*"until":"2026-04-03T09:00:00Z"'
is 'each another one' "$(jq -r .id got | sort -u | wc -l)" 2

# Letting go.
fresh
forms 6 110105 | approve >approved
jq -r .id approved >ids
ss-claim -q 4 >four
status 'a dry run lets go' 0 ss-claim -n --release four
is 'as it would' "$(jq -c .already "$W/out" | xargs)" 'null null null null'
is 'of nothing' "$(ss-claim -q --held 9 | wc -l)" 4
head -n 2 four >two
status 'two' 0 sh -c 'ss-claim --release <two'
is 'go out as they came' "$(cat "$W/out")" "$(cat two)"
is 'are let go' "$(ss-claim -q --held 9 | jq -r .id)" "$(sed -n 3,4p ids)"
is 'actions say so' "$(actions | sed 1d)" "$(sed -n '1,2{=;p}' ids |
    paste - - | while read -r n id; do
	echo "$((n + 1)) wang release $id {}"
    done)"
status 'again' 0 ss-claim --release two
is 'already' "$(jq -c .already "$W/out" | xargs)" 'true true'
is 'without an action' "$(actions | wc -l)" 3
cat four four >twice
status 'the others, twice in one run' 0 ss-claim --release -j4 twice
is 'two are done, the others already' \
    "$(jq -c .already "$W/out" | sort | uniq -c | xargs)" '2 null 6 true'
ss-claim -q --station d2 9 >got
is 'another station has all of them' "$(jq -r .id got | sort)" "$(sort ids)"
status 'it keeps them' 1 ss-claim --release --rejects rejects four
is 'from this one' "$(cat "$W/out")$(said rejects |
    sed 's/until .*/until/' | uniq -c | xargs)" \
    '4 state: station d2 holds this application until'
head -n 1 two | jq -c '(.id = "nope"), (.person.name = "李四"), del(.id),
    (.error = {code: "io"})' >bad
echo no record >>bad
status 'what is no claim' 1 ss-claim -q --release --station d2 bad
is 'is said' "$(said "$W/out" | sed 's/register .*/register/')" \
    'missing: the application is not in the register
auth: member person is not what the register
invalid: no application: id is missing
io: 
invalid: byte 2: not JSON'
is 'and not let go' "$(ss-claim -q --held --station d2 9 | wc -l)" 6
head -n 1 four | jq -c 'del(.review) | .state = "applied"' >applied
status 'an earlier form' 0 ss-claim --release --station d2 applied
is 'goes out as the register has it' "$(cat "$W/out")" "$(head -n 1 four)"
ss-claim -q 1 | make-card >made
status 'a card that is made' 0 ss-claim --release made
is 'is no claim any more' "$(jq -c '[.state, .already]' "$W/out")" \
    '["made",true]'
is 'nor held' "$(ss-claim -q --held 9)" ''
head -n 2 approved | tail -n 1 >one
ss-claim -q --release --station d2 one >got
ss-claim -q 1 | make-card --spoil >got
is 'a spoiled card is still to be made here' "$(ss-claim -q --held 9 |
    jq -r .id)" "$(jq -r .id one)"
audit 'claims let go'

# Regions, by codes of two, four and six digits.
fresh
{ forms 3 110105; forms 4 220102 100; forms 2 220202 200; forms 5 440305 300
    forms 1 440306 400; } | approve >approved
is 'approved' "$(regions approved)" '3 110105 4 220102 2 220202 5 440305'\
' 1 440306'
ss-claim -q --station d2 -R 220100 2 >got
is 'of a city' "$(regions got)" '2 220102'
ss-claim -q --station d2 -R 2201 9 >got
is 'what is left of it' "$(regions got)" '2 220102'
ss-claim -q --station d3 -R 22 9 >got
is 'of its province' "$(regions got)" '2 220202'
ss-claim -q --station d4 -R 440306 9 >got
is 'of a district' "$(regions got)" '1 440306'
SSCARD_REGION=440000 ss-claim -q --station d4 2 >got
is 'of a province, by the environment' "$(regions got)" '2 440305'
ss-claim -q --station d4 --held -R 440305 9 >got
is 'held, of a district' "$(regions got)" '2 440305'
ss-claim -q --station d5 9 >got
is 'what is left of all' "$(regions got)" '3 110105 3 440305'
is 'the actions name the digits' "$(ss-registry export | jq -r '
    select(.table == "action") | .subject' | sort -u | xargs -n1)" \
    "$(printf '%s\n' 22 2201 44 440306)"

# A crowd.
fresh
forms $((crowd * each)) 110105 | approve >approved
jq -r .id approved | sort >ids
pids=''
for i in $(seq $crowd); do
	ss-claim --station "s$i" $((each + 5)) >"crowd$i" 2>"crowd$i.err" &
	pids="$pids $!"
done
bad=''
for p in $pids; do
	wait "$p" || bad="$bad $?"
done
is "$crowd at once: none fails" \
    "$bad$(cat crowd*.err | grep -v 'no more are free')" ''
is 'each application once' "$(jq -r .id crowd? | sort)" "$(cat ids)"
for i in $(seq $crowd); do
	ss-claim -q --held --station "s$i" 999 >held
	jq -r .id "crowd$i" | sort >a
	jq -r .id held | sort | comm -3 - a
done >differ
is 'each is held by who has it' "$(cat differ)" ''
audit 'a crowd'

# Killed while its reader is slow; a full disk; a reader that goes.
fresh
forms "$many" 110105 | approve >approved
is 'a dry run shows them all' "$(ss-claim -n "$many" | wc -l)" "$many"
mkfifo slow
ss-claim "$many" >slow &
pid=$!
exec 3<slow
read -r first <&3
kill -KILL $pid
{ echo "$first"; cat; } <&3 | grep '}$' >part
exec 3<&-
wait $pid 2>/dev/null
ss-claim -q --held 9999 >held
ok 'killed: what was printed is held' test -s part
is 'all of it' "$(jq -r .id part | sort | comm -23 - "$(jq -r .id held |
    sort >a; echo a)")" ''
ss-claim -q 9999 >rest
is 'what was held, and what is left, is all' "$(jq -r .id held rest | sort)" \
    "$(jq -r .id approved | sort)"
cat held rest | ss-claim -q --release | wc -l >got
is 'all let go' "$(xargs <got)" "$many"
if [ -w /dev/full ]; then
	status 'a full disk' 3 sh -c "ss-claim 5 >/dev/full"
	like 'is said' "$(cat "$W/err")" 'stopped after 0 records written'
	is 'and what was claimed is held' "$(ss-claim -q --held 9 | wc -l)" 5
else
	skip 'a full disk' 'no /dev/full'
fi
audit 'kills'
done_testing
