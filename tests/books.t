#!/bin/sh
# The register that ss-apply and ss-verify join: what is stored once, what is
# refused, and what outlasts kills, crowds and full disks.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1

if [ -n "${SS_SLOW:-}" ]; then
	many=300 rounds=1 crowd=3 crowd_forms=40 pairs=4
else
	many=2000 rounds=10 crowd=8 crowd_forms=400 pairs=60
fi

fresh() { # a register that is not there yet
	rm -f registry.db registry.db-wal registry.db-shm
}
ids() { # FILE...: of the records that did not fail
	jq -r 'select(.error | not) | .id' "$@" | sort
}
errors() { # FILE
	jq -r '.error | .code + ": " + .message' "$1"
}
held() { # how many applications, and persons among them
	ss-registry list | jq -r '.person.social_number' >held
	echo "$(($(wc -l <held))) $(($(sort -u held | wc -l)))"
}

# Where it is, and how it is made.
forms_of 1 >form
unset SSCARD_REGISTRY
ss-apply -n form >out 2>log
is 'a dry run makes no register' "$(jq -r .state out)$(cat log)$(
    ls "$XDG_STATE_HOME/sscard/registry.db" 2>/dev/null)" applied
ss-apply form >applied 2>log
is 'the first use makes it and says so' "$(cat log)" \
    "ss-apply: made the register sqlite:$XDG_STATE_HOME/sscard/registry.db"
is 'for its owner alone' \
    "$(stat -c %a "$XDG_STATE_HOME/sscard/registry.db")" 600
ss-apply form >out 2>log
is 'the second use says nothing of it' \
    "$(cat log)" 'ss-apply: 1 record: 1 done already'
rm -r "$XDG_STATE_HOME"
ss-apply -q form >out 2>log
is 'nor the first with -q' "$(cat log; jq -r .state out)" applied
ss-verify -q -o li out >out2 2>log
is 'ss-verify finds the same' "$(jq -r .state out2)" returned
status 'none: no register' 0 ss-apply -g none form
is 'and each time another application' "$(jq .already "$W/out")" null
export SSCARD_REGISTRY="sqlite:$W/registry.db"
ok 'an absolute path is a name too' ss-apply -q -g "$W/other.db" form
ok 'and the same register' ss-registry -g "sqlite:$W/other.db" audit
status 'a name of no kind' 2 ss-apply -g other.db form
like 'which is said' "$(cat "$W/err")" 'sqlite:PATH, an absolute path'

# The same forms again, as JSON Lines and as CSV.
make-photo >p.jpg
printf one >one.pdf
{ echo name,id_number; people 5 | sed 's/^/王小明,/'; } >forms.csv
forms_of 5 >forms
ss-apply -q forms >applied
is 'five are new' "$(jq -r '[.state, .already] | @csv' applied | uniq -c |
    xargs)" '5 applied,'
ss-registry export >before
ok 'the forms again' ss-apply -q forms
is 'are done already' "$(jq -r .already "$W/out" | uniq -c | xargs)" '5 true'
is 'as they were' "$(jq -cS 'del(.already)' "$W/out")" "$(jq -cS . applied)"
ok 'as CSV' ss-apply -q --csv forms.csv
is 'they are done already too' "$(jq -r .already "$W/out" | uniq -c | xargs)" \
    '5 true'
is 'with the same ids' "$(ids "$W/out")" "$(ids applied)"
ok 'the applications themselves' ss-apply -q applied
is 'are' "$(jq -r .already "$W/out" | uniq -c | xargs)" '5 true'
ss-registry export >after
ok 'nothing has changed in the register' cmp before after
cat forms forms >twice
fresh
ok 'twice in one group' ss-apply -q twice
is 'five are stored, five already' "$(jq -r .already "$W/out" | sort | uniq -c |
    xargs) $(held)" '5 null 5 true 5 5'

# What collides, is not there, or is not what it was.
fresh
ss-apply -q forms >applied
id=$(head -n 1 applied | jq -r .id)
head -n 1 forms | jq -c '.person.name = "王大明"' >another
status 'another form of the same person' 1 ss-apply -q another
is 'names the application that is open' "$(errors "$W/out")" 'exists: this'\
" person has an open application, or the id is taken: $id, applied"
forms_of 1 50 | jq -c --arg id "$id" '.id = $id' >taken
status 'another person with an id that is taken' 1 ss-apply -q taken
is 'is refused too' "$(errors "$W/out")" 'exists: this person has an open'\
" application, or the id is taken: $id, applied"
jq -c '.id = "nope"' applied | head -n 1 >nope
is 'that one is as it was' \
    "$(ss-registry show "$id" | jq -r .person.name)" 王小明
forms_of 1 51 | jq -c '.id = "given"' >given
ok 'a form with an id' ss-apply -q given
ok 'and the same form again' ss-apply -q given
is 'is done already' "$(jq -c '[.id, .state, .already]' "$W/out")" \
    '["given","applied",true]'
for c in apply verify; do
	status "ss-$c: an id that is not there" 1 "ss-$c" -q -o li nope
	is 'is missing' "$(errors "$W/out")" 'missing: the application is not'\
" in the register $SSCARD_REGISTRY; say --registry, or run ss-apply first"
done
altered() { # MEMBER EDIT; the first where all is slow
	[ -z "${SS_SLOW:-}" ] || [ "$1" = person ] || return 0
	head -n 1 applied | jq -c "$2" >altered
	for _c in apply verify; do
		status "ss-$_c: $2" 1 "ss-$_c" -q -o li altered
		is "is named" "$(errors "$W/out")" \
		    "auth: member $1 is not what the register has"
	done
}
altered person '.person.name = "李四"'
altered person '.person.id_until = "长期"'
altered state '.state = "approved"'
altered state '.state = "floating"'
altered applied '.applied.by = "zhou"'
altered region 'del(.region)'
altered v '.v = 2'
altered applied '.applied.revision = 2'
head -n 1 applied | jq -c '.review = {result: "approved"}' >altered
status 'a member added' 1 ss-verify -q -o li altered
like 'is said' "$(errors "$W/out")" '^auth: .*member'
head -n 1 applied | jq -S . | tr -d '\n' >altered
status 'order and spaces are no change' 0 ss-verify -n -q -o li altered
is 'it is reviewed' "$(jq -r .state "$W/out")" returned
is 'nothing of this is stored' "$(ss-registry list |
    jq -cS 'select(.id != "given")' | sort)" "$(jq -cS . applied | sort)"

# A way to the end: returned, mended, held, attested.
ss-verify -q -o li --station d2 applied >returned
ok 'an earlier form' ss-verify -q -o li applied
is 'becomes the present one' "$(jq -c 'del(.already)' "$W/out" | jq -cS .)" \
    "$(jq -cS . returned)"
is 'already' "$(jq -r .already "$W/out" | uniq -c | xargs)" '5 true'
head -n 1 returned | jq -c '.person += {id_until: "长期",
    phone: "13800138000", address: "东城区1号"} | .photo = "p.jpg" |
    .documents = {identity: "one.pdf"}' >mended
ss-registry export >before
ok 'mended, tried' ss-apply -q -n mended
ss-registry export >after
ok 'a dry run stores nothing' cmp before after
ok 'mended' ss-apply -q mended
cp "$W/out" second
is 'is revision 2' "$(jq -c '[.id, .state, .applied.revision, .already]' \
    second)" "[\"$id\",\"applied\",2,null]"
is 'as the register has it' "$(ss-registry show "$id")" "$(jq -cS . second)"
ss-apply -q mended >out
is 'mended again: not the returned one any more' "$(errors out)" 'state:'\
' revision 1 is not the returned one; the register has revision 2, applied'
sed -n 2p returned | jq -c --slurpfile one form '.person.id_number =
    $one[0].person.id_number | del(.person.social_number,
    .person.birth_date, .person.sex)' >collides
status 'mended into the number of another' 1 ss-apply -q collides
like 'is a duplicate' "$(errors "$W/out")" '^exists: '
ok 'the returned one again in review' ss-verify -q -o li returned
is 'is what it is now' "$(head -n 1 "$W/out" | jq -c '[.state, .already,
    .applied.revision]')" '["applied",true,2]'
ss-verify -q -o li --station d2 second >pending
ss-verify -q -n -o zhou --attest likeness,bareheaded,face pending >tried
is 'a dry run approves' "$(jq -r .state tried)" approved
is 'and the register has it pending' \
    "$(ss-registry show "$id" | jq -r .state)" pending
ss-verify -q -o zhou --attest likeness,bareheaded,face pending >approved
is 'pending, then approved' "$(jq -r .state pending approved | xargs)" \
    'pending approved'
is 'its history' "$(ss-registry history "$id" |
    jq -r '"\(.number) \(.step) \(.state) \(.operator) \(.station)"')" \
    '1 apply applied wang d1
2 return returned li d2
3 mend applied wang d1
4 hold pending li d2
5 approve approved zhou d1'
is 'chained' "$(ss-registry history "$id" | jq -r .digest | sed '$d')" \
    "$(ss-registry history "$id" | jq -r .prev | sed 1d)"
forms_of 1 60 | jq -c --slurpfile m mended '.person += ($m[0].person |
    {id_until, phone, address}) | .photo = "p.jpg" |
    .documents = {identity: "one.pdf"}' >whole
ss-apply -q whole | ss-verify -q -o li |
    ss-verify -q -o zhou --attest likeness,bareheaded,face >straight
is 'straight on' "$(ss-registry history "$(jq -r .id straight)" |
    jq -r .step | xargs)" 'apply hold approve'
audit 'after all this'
fresh
status 'a dry run over what no register knows' 0 ss-apply -n -q forms
is 'makes none' "$(ls registry.db 2>/dev/null)" ''

# Threads change nothing but ids and times.
forms_of 300 >three
strip() {
	jq -cS 'del(.id, .applied.time, .review.time)' "$1"
}
for j in 1 2; do
	fresh
	ss-apply -q -j$j three >a$j
	ss-verify -q -j$j -o li a$j >v$j
	strip a$j >a$j.s
	strip v$j >v$j.s
	audit "-j$j"
done
ok '-j2 applies as -j1' cmp a1.s a2.s
ok 'and reviews as it' cmp v1.s v2.s

# Killed at any moment of a run.
forms_of $many >forms
fresh
from=$(date +%s%N)
ss-apply -q forms >whole.out
span=$((($(date +%s%N) - from) / 1000))		# microseconds
seed=${SS_SEED:-$$}
echo "# a run takes $span us, seed $seed"
bad='' cut=0
for i in $(seq $rounds); do
	fresh
	delay=$(awk -v s="$seed$i" -v t="$span" 'BEGIN { srand(s)
		printf "%.6f", t * rand() / 1e6 + 0.001 }')
	timeout -s KILL "$delay" ss-apply -q forms >part 2>/dev/null
	[ $? = 137 ] && cut=$((cut + 1))
	if [ -s registry.db ]; then
		ss-registry list 2>err | jq -r .id | sort >there
		ss-registry audit >err 2>&1 || grep -q 'No such' err ||
			bad="$bad round $i: audit: $(head -n 1 err)"
	else
		: >there
	fi
	# The last line may be torn; what is whole is stored.
	grep '}$' part | jq -r '.id' 2>/dev/null | sort >printed
	lost=$(comm -23 printed there | wc -l)
	[ "$lost" = 0 ] || bad="$bad round $i: $lost lost"
	ss-apply -q forms >all 2>err ||
		bad="$bad round $i: again: $(head -n 1 err)"
	[ "$(held)" = "$many $many" ] || bad="$bad round $i: $(held)"
	ids all >again
	[ "$(comm -23 printed again | wc -l)" = 0 ] ||
		bad="$bad round $i: other ids"
	ss-registry audit >err 2>&1 ||
		bad="$bad round $i: audit at the end: $(head -n 1 err)"
done
is "killed $rounds times: nothing printed is lost, each person once" "$bad" ''
echo "# $cut of $rounds ended by the kill"

# Many at once, over a register that is not there yet.
forms_of $crowd_forms >forms
fresh
pids=''
for i in $(seq $crowd); do
	ss-apply -q --station "s$i" forms >"crowd$i" 2>"crowd$i.err" &
	pids="$pids $!"
done
bad=''
for p in $pids; do
	wait "$p" || bad="$bad $?"
done
is "$crowd at once: none fails" "$bad$(cat crowd*.err)" ''
is 'each person once' "$(held)" "$crowd_forms $crowd_forms"
is 'all agree in the ids' "$(jq -r 'select(.error | not) |
    .id + .person.id_number' crowd? | sort -u | wc -l)" "$crowd_forms"
is 'each is new to one' "$(cat crowd? | jq -c 'select(.already | not)' |
    wc -l)" "$crowd_forms"
audit 'after the crowd'

# The audit beside those who write.
forms_of $many 4000 >later
ss-apply -q later >/dev/null &
pid=$!
bad=''
n=0
while kill -0 $pid 2>/dev/null || [ $n = 0 ]; do
	ss-registry audit >found 2>err || bad="$bad $(head -n 1 found)"
	n=$((n + 1))
done
wait $pid
is "$n audits while another writes are clean" "$bad" ''

# Two reviewers of the same.
people $pairs 2500 | sed 's/.*/{"person":{"id_number":"&"}}/' |
    jq -c --slurpfile m mended '.person += ($m[0].person | {name, id_until,
    phone, address}) | .photo = "p.jpg" |
    .documents = {identity: "one.pdf"}' >forms
fresh
ss-apply -q forms >applied
ss-verify -q -o li --station s1 --attest likeness,bareheaded,face applied \
    >v1 2>/dev/null &
one=$!
ss-verify -q -o zhou --station s2 --attest likeness,bareheaded,face applied \
    >v2 2>/dev/null
wait $one
is 'each is approved by one' "$(jq -r 'select(.state == "approved" and
    (.already | not) and (.error | not)) | .id' v1 v2 | sort)" "$(ids applied)"
is 'the other says so' "$(jq -r 'select(.already or .error) |
    .error.code // "already"' v1 v2 | sort -u |
    grep -vxE 'already|state')" ''
is 'the other has them all' "$(jq -r .id v1 v2 | sort | uniq -c |
    awk '$1 != 2')" ''
audit 'two reviewers'
ss-verify -q -o zhou applied >v3
is 'a third is told' "$(jq -r '"\(.state) \(.already)"' v3 | sort -u)" \
    'approved true'

# The clock set back.
fresh
head -n 2 forms >two
at '2026-03-01 09:00:00' ss-apply -q two >applied
at '2026-02-01 09:00:00' ss-verify -q -o li applied >pending
at '2026-01-01 09:00:00' ss-verify -q -o zhou \
    --attest likeness,bareheaded,face pending >approved
id=$(head -n 1 approved | jq -r .id)
is 'a clock that goes back' "$(ss-registry history "$id" |
    jq -r '"\(.number) \(.step) \(.time)"')" '1 apply 2026-03-01T09:00:00Z
2 hold 2026-02-01T09:00:00Z
3 approve 2026-01-01T09:00:00Z'
audit 'the clock set back'

# Registers that are none. Root is no owner who may all, here.
# shellcheck disable=SC2317 # status calls it
unmighty() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}
stopped() { # TEXT PATTERN COMMAND...
	_what=$1
	_like=$2
	shift 2
	status "$_what" 3 "$@"
	like 'which is said, with its name' "$(cat "$W/err")" "$_like"
}
python3 - <<'PYTHON'
import sqlite3
c = sqlite3.connect("foreign.db")
c.execute("create table t (a)")
c.commit()
c = sqlite3.connect("newer.db")
c.execute("pragma application_id = 1936941924")
c.execute("pragma user_version = 3")
c.execute("create table t (a)")
c.commit()
PYTHON
seq 1000 >text.db
mkdir folder.db
head -c 6000 registry.db >truncated.db
forms_of 3 7000 >form3
for c in apply verify; do
	stopped "ss-$c: another's database" \
	    'foreign.db: a database, but no register of sscard' \
	    "ss-$c" -q -g "sqlite:$W/foreign.db" form3
	stopped "ss-$c: a text" 'text.db: .*not a database' \
	    "ss-$c" -q -g "sqlite:$W/text.db" form3
	stopped "ss-$c: a folder" 'folder.db: ' \
	    "ss-$c" -q -g "sqlite:$W/folder.db" form3
	stopped "ss-$c: a newer one" 'newer.db: of schema 3, made by a newer' \
	    "ss-$c" -q -g "sqlite:$W/newer.db" form3
	stopped "ss-$c: a folder that cannot be" 'text.db' \
	    "ss-$c" -q -g "sqlite:$W/text.db/registry.db" form3
done
is 'the others are left as they were' "$(seq 1000 | cmp - text.db
    python3 -c 'import sqlite3
print(sqlite3.connect("foreign.db").execute(
    "select name from sqlite_schema").fetchall())')" "[('t',)]"
stopped 'truncated' 'malformed|corrupt' \
    ss-apply -q -g "sqlite:$W/truncated.db" form3
python3 -c 'import sqlite3
sqlite3.connect("registry.db").execute("pragma wal_checkpoint(truncate)")'
cp registry.db frozen.db
chmod 400 frozen.db
stopped 'one that may only be read' 'read-?only|denied|unable to open' \
    unmighty ss-apply -q -g "sqlite:$W/frozen.db" form3
is 'its records are out' "$(jq -r '.error.code' "$W/out" | sort -u)" registry
chmod 600 frozen.db

# No room on the disk.
full() { # BLOCKS COMMAND...
	( ulimit -f "$1"; shift; "$@"; echo $? >full.status ) | cat
}
for n in 200 $many; do
	forms_of "$n" >forms
	fresh
	ss-apply -q </dev/null
	full 100 ss-apply forms >got 2>log
	is "$n forms on a full disk: status 3" "$(cat full.status)" 3
	like 'which is said' "$(cat log)" \
	    'registry: the register: (disk I/O error|.*full)'
	is 'what is out is stored or says registry' "$(jq -r \
	    '.error.code // .state' got | grep -vxE 'applied|registry')" ''
	ids got >printed
	ss-registry list | jq -r .id | sort >there
	is 'what went out as applied is stored' \
	    "$(comm -3 printed there | wc -l)" 0
	audit 'on a full disk'
	[ "$n" != 200 ] || is 'all are out' "$(wc -l <got)" 200
	jq -r 'select(.error) | .error.message' got | sort | uniq -c |
	    sed 's/^/# /'
	status 'again with room' 0 ss-apply -q forms
	is 'all are stored' "$(held)" "$n $n"
	jq -c 'select(.error) | del(.error)' got | ss-apply -q >out
	is 'what failed, mended as the manual says' \
	    "$(jq -r .already out | sort -u | xargs)" true
done
done_testing
