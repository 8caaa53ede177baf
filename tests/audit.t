#!/bin/sh
# ss-registry audit: what seals prove of a whole register, and what checkpoints
# find that one makes whole by itself who may write to it (forge.py). The
# checkpoints are checked a second time by another program (checkpoint.py).
# shellcheck disable=SC2317 # functions for status
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
T=$SS_TOP/tests
export SSCARD_STATION=d1 SSCARD_TRUST="$W/trust"
reg() {
	ss-registry "$@"
}
other() { # COMMAND...: PASSPHRASE on descriptor 3, as all keys here have it
	echo test-passphrase >pass
	"$@" --operator-fd 3 3<pass
}
seals_of() { # NAME REGISTRY COMMAND...: by this operator's key
	_name=$1
	_reg=$2
	shift 2
	other "$@" -g "$_reg" -o "file:$W/$_name.key"
}
faults() {
	jq -r '.subject + ": " + .fault' out
}
found() { # TEXT PATTERN COMMAND...
	_text=$1
	_pattern=$2
	shift 2
	status "$_text" 1 "$@"
	like 'is named' "$(faults)" "$_pattern"
}
forge() { # FROM EDIT...: into bad.db
	rm -f bad.db*
	python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", ("bad.db",))' "$1"
	shift
	python3 "$T/forge.py" bad.db "$@"
}
key() { # NAME ROLE REGION [ALGORITHM]
	ok "a key for $1, $2" other ss-key -q operator new "$1" \
	    -o "file:$W/$1.key" --role "$2" -R "$3" \
	    --from 2026-01-01 --until 2027-01-01 --algorithm "${4:-sm2}"
}
key wang clerk 00
key li reviewer 00 p256
key zhang manager 00
key sun manager 2201 p256
for who in wang li zhang sun; do
	chmod 600 "$who.key"
done

# --- Seals.
a="sqlite:$W/a.db"
forms_of 4 | jq -c '.id = "A\(input_line_number)"' >forms
day() { # DAY COMMAND...
	_day=$1
	shift
	at "2026-03-0$_day 09:00:00" "$@"
}
ok 'four applications, sealed together' seals_of wang "$a" \
    day 1 ss-apply -q forms
cp out applied
head -n 2 applied >two
ok 'two reviewed' seals_of li "$a" day 2 ss-verify -q --station d2 two
cp a.db first.db
ok 'the audit' reg -g "$a" audit
is 'finds nothing' "$(cat out)" ''
is 'and counts' "$(cat err)" 'ss-registry: 4 applications, 6 events, '\
'0 cards, 0 actions, 2 stations, 6 seals by 2 signatures: 0 faults'
ok 'a name is no key, and not asked for' reg -g "$a" -o zhang audit
ok 'nor is a key, that signs nothing' reg -g "$a" -o file:nowhere audit
is 'the register is as it was' \
    "$(reg -g "$a" export | openssl dgst -sm3)" \
    "$(reg -g "$W/first.db" export | openssl dgst -sm3)"

# Whoever may write to the file makes all digests anew, but no seal.
of_first() { # FILTER: the record of A1, changed
	reg -g "$a" show A1 | jq -c "$1"
}
bad="sqlite:$W/bad.db"
check() { # TEXT PATTERN EDIT...
	_text=$1
	_pattern=$2
	shift 2
	forge a.db "$@"
	found "$_text" "$_pattern" reg -g "$bad" audit
	is 'and nothing else' "$(wc -l <out)" 1
}
forge a.db
ok 'a forger who changes nothing is not found' reg -g "$bad" audit
reg -g "$a" export >was
reg -g "$bad" export >is
ok 'and makes the same' cmp was is
check 'a name' '^A1: member person is not what was sealed$' \
    record A1 "$(of_first '.person.name = "王大明"')"
check 'a member more' '^A1: member note is sealed by nobody$' \
    record A1 "$(of_first '.note = 1')"
check 'a member less' '^A1: member applied' \
    record A1 "$(of_first '.applied = {revision: 1}')"
check "a seal's operator" '^A1: .*names zhang' record A1 \
    "$(of_first '.seals[1].operator = "zhang"')" event A1 2 operator zhang
check "a seal's time" '^A1: the seal of li for .* is not genuine' record A1 \
    "$(of_first '.seals[1].time = "2026-03-02T09:00:01Z"')" \
    event A1 2 time 2026-03-02T09:00:01Z
check 'seals in another order' '^A1: seal 1: ' \
    record A1 "$(of_first '.seals |= reverse')"
check "another one's seals" '^A2: seal 1: is that of another record' \
    record A2 "$(reg -g "$a" show A2 A1 |
	jq -cs '.[0].seals = .[1].seals | .[0]')"
check 'the first seal gone' '^A1: seal 1: ' \
    record A1 "$(of_first 'del(.seals[0])')"
check "an event's operator" \
    '^A1: event 2, .*, has no seal of this operator and time' \
    event A1 2 operator zhao
check "an event's time" '^A1: event 2, .*, has no seal' \
    event A1 2 time 2026-03-02T09:00:01Z
check "the first event's operator" '^A3: seal 1, apply, has no event' \
    event A3 1 operator zhao
check "the first event's time" '^A1: seal 1, apply, has no event' \
    event A1 1 time 2026-02-01T09:00:00Z
check 'a later step without a seal' '^A1: event 3, notify, has no seal' \
    again A1 notify 2026-03-05T09:00:00Z wang
check 'a step between' '^A1: event 2, hold, has no seal' \
    event A1 2 step hold again A1 return 2026-03-02T09:00:00Z li \
    event A1 2 state pending event A1 2 time 2026-03-01T10:00:00Z
check 'a lapse, which time takes, misses no seal' \
    '^A1: a step that the table does not have$' \
    again A1 lapse 2026-03-05T09:00:00Z wang

# Steps before the first seal need none.
b="sqlite:$W/b.db"
ok 'an application without a key' day 1 ss-apply -q -g "$b" -o wang forms
head -n 1 out >one
ok 'is sealed by the review' seals_of li "$b" day 2 ss-verify -q one
ok 'its audit' reg -g "$b" audit
like 'has one seal' "$(cat err)" ', 1 seals by 1 signatures: 0 faults'
mkdir data
cp -R "$SSCARD_DATA/." data
jq '.seals.required = true' "$SSCARD_DATA/policies/11.json" \
    >data/policies/11.json
SSCARD_DATA=$W/data found 'where the policy requires them' \
    '^A2: the record has no seals, which region 110105 requires' \
    reg -g "$b" audit
is 'each is named' "$(jq -r .subject out | xargs)" 'A1 A2 A3 A4'
like 'one whose first seal is of a later step' "$(faults)" \
    '^A1: seal 1: return is no step from where'
SSCARD_DATA=$W/data ok 'those that have them are good' reg -g "$a" audit
cp -R data broken
echo '{"name": 1}' >broken/policies/11.json
status 'a policy that is none' 3 \
    env SSCARD_DATA="$W/broken" ss-registry -g "$a" audit
like 'is named' "$(cat err)" 'policies/11.json: name: '
is 'once' "$(cat out)" ''

# Whom to trust.
found 'no trust file' '^: 4 records have seals that nothing proves: .*trust' \
    reg -g "$a" --trust nowhere audit
is 'which is said once' "$(wc -l <out)" 1
forge a.db record A1 "$(of_first '.person.name = "王大明"')"
found 'nor then is a change overlooked' '^A1: member person is not what' \
    reg -g "$bad" --trust nowhere audit
ok 'a register without seals needs none' \
    ss-apply -q -g "$W/plain.db" -o wang forms
ok 'its audit' reg -g "$W/plain.db" --trust nowhere audit
grep -v '"operator":"li"' trust >trust.less
found 'a key that is not known' '^A2: the trust file .* does not know key' \
    reg -g "$a" --trust trust.less audit
is 'in every record' "$(jq -r .subject out | xargs)" 'A1 A2'
ss-key -q operator revoke li --at 2026-03-02 >/dev/null
found 'a key that was revoked before' '^A1: the seal of li for return: ' \
    reg -g "$a" audit
cp trust trust.revoked
grep -v '"operator":"li"' trust >trust.li
jq -c 'select(.operator == "li") | del(.revoked)' trust >>trust.li
chmod 644 trust.li
cp trust.li trust
ok 'and before that it was good' reg -g "$a" audit
echo nonsense >trust.bad
not_ok 'a trust file that is none' reg -g "$a" --trust trust.bad audit
like 'is one fault, once' "$(cat out)" \
    '"4 records have seals that nothing proves: .*trust.bad: line 1'
is 'and no other' "$(wc -l <out)" 1

# --- Checkpoints.
c="sqlite:$W/c.db"
checked() { # TEXT WANT ARGUMENTS...: by the other program
	_text=$1
	_want=$2
	shift 2
	like "$_text" "$(python3 "$T/checkpoint.py" "$@")" "$_want"
}
refused() { # TEXT STATUS PATTERN COMMAND...
	_text=$1
	_want=$2
	_pattern=$3
	shift 3
	status "$_text" "$_want" "$@"
	like 'which is said' "$(cat err)" "$_pattern"
}
make-photo >p.jpg
printf one >one.pdf
forms_of 12 20 | jq -c '.id = "C\(10 + input_line_number)" |
    select(.id == "C11") |= (.photo = "p.jpg" |
    .documents = {identity: "one.pdf"} |
    .person += {phone: "13800138000", address: "1", id_until: "长期"})' >many
applied() { # DAY FROM TO [STATION]
	sed -n "$2,$3p" many >some
	day "$1" ss-apply -q -g "$c" -o wang --station "${4:-d1}" some \
	    >/dev/null
}
applied 1 1 5
claims() { # DAY [FILE]: or lets go of what is in it
	if [ $# = 1 ]; then
		set -- "$1" 1
	else
		set -- "$1" --release "$2"
	fi
	_day=$1
	shift
	day "$_day" ss-claim -q -g "$c" -o zhou "$@" >claimed
}
reg -g "$c" show C11 | day 1 ss-verify -q -g "$c" -o li --station d3 \
    --attest likeness,bareheaded,face >reviewed
is 'one is approved' "$(jq -r .state reviewed)" approved
claims 1
claims 1 reviewed
ok 'a checkpoint, tried' seals_of zhang "$c" \
    ss-registry audit -n --checkpoint one.checkpoint
not_ok 'makes none' test -e one.checkpoint
ok 'a checkpoint' seals_of zhang "$c" \
    day 2 ss-registry audit --checkpoint one.checkpoint
is 'nothing on standard output' "$(cat out)" ''
is 'for all to read' "$(stat -c %a one.checkpoint)" 644
is 'of one line' "$(wc -l <one.checkpoint)" 1
is 'says what there is' "$(jq -c '[.v, .purpose, .time, .operator,
    .applications, .events, .cards, .actions]' one.checkpoint)" \
    '[1,"sscard checkpoint 1","2026-03-02T09:00:00Z","zhang",5,6,0,2]'
is 'and of whom' "$(jq -r .key one.checkpoint)" \
    "$(jq -r 'select(.operator == "zhang").key' trust)"
reg -g "$c" export >exported
is 'by stations' "$(jq -cS .stations one.checkpoint)" \
    "$(jq -csS '[.[] | select(.table == "action")][-1].digest as $head |
	{d1: {events: 5, actions: 2, action_head: $head},
	d3: {events: 1, actions: 0, action_head: ""}}' exported)"
checked 'another program has the same' '^ok$' trust one.checkpoint exported
cp one.checkpoint before
refused 'it is not replaced' 3 'one.checkpoint: is there already' \
    seals_of zhang "$c" ss-registry audit --checkpoint one.checkpoint
ok 'and stays what it was' cmp before one.checkpoint
ok 'all of it is there' reg -g "$c" audit --against one.checkpoint
cp c.db older.db
applied 3 6 8 d2
applied 3 9 9
claims 3
reg -g "$c" export >exported
ok 'later too' reg -g "$c" audit --against one.checkpoint
checked 'by the other program too' '^ok$' trust one.checkpoint exported
ok 'a second one, after a look at the first' seals_of sun "$c" \
    day 4 ss-registry audit --against one.checkpoint --checkpoint two.checkpoint \
    -R 2201
checked 'is good' '^ok$' --region 220102 trust two.checkpoint exported
ok 'against both' reg -g "$c" audit --against one.checkpoint \
    --against two.checkpoint
ok 'of another kind of key, and of its region' reg -g "$c" audit -R 2201 \
    --against two.checkpoint
is 'its stations' "$(jq -c '.stations | map_values([.events, .actions])' \
    two.checkpoint)" '{"d1":[6,3],"d2":[3,0],"d3":[1,0]}'

# What openssl makes of the page.
{
	printf 'sscard checkpoint 1\0'
	jq -cjS 'del(.signature)' two.checkpoint | openssl dgst -sm3 -binary
} >signed
jq -r .signature two.checkpoint | base64 -d >signature
jq -r 'select(.operator == "sun") | .public' trust | base64 -d >public
ok 'openssl finds the signature good' openssl pkeyutl -verify -pubin \
    -keyform DER -inkey public -rawin -digest sha256 -in signed \
    -sigfile signature

# An empty register, of which the root is that of nothing.
: >empty.db
ok 'of an empty register' seals_of zhang "$W/empty.db" \
    day 4 ss-registry audit --checkpoint empty.checkpoint
is 'is the digest of nothing' "$(jq -r .root empty.checkpoint)" \
    "$(openssl dgst -sm3 -r </dev/null | cut -d' ' -f1)"
ok 'all registers hold it' reg -g "$c" audit --against empty.checkpoint

# Who may not.
refused 'a name' 2 'operator has to be a key' \
    reg -g "$c" -o zhang audit --checkpoint no.checkpoint
refused 'a reviewer' 3 'li has not the role manager' \
    seals_of li "$c" ss-registry audit --checkpoint no.checkpoint
refused 'a manager of another region' 3 'sun is no operator of region 110000' \
    seals_of sun "$c" ss-registry audit -R 11 --checkpoint no.checkpoint
refused 'of a part of it' 3 'sun is no operator of region 220000' \
    seals_of sun "$c" ss-registry audit -R 22 --checkpoint no.checkpoint
echo wrong >pass
refused 'without the passphrase' 3 'passphrase' reg -g "$c" \
    -o "file:$W/zhang.key" --operator-fd 3 audit --checkpoint no.checkpoint \
    3<pass
refused 'a register with faults' 1 'faults; no checkpoint was made' \
    seals_of zhang "$bad" ss-registry audit --checkpoint no.checkpoint
refused 'one that is not there' 3 'no.db: No such file' \
    seals_of zhang "$W/no.db" ss-registry audit --checkpoint no.checkpoint
refused 'nowhere to put it' 3 'trust/no.checkpoint: ' \
    seals_of zhang "$c" ss-registry audit --checkpoint trust/no.checkpoint
is 'none is made' "$(find . -name 'no.*')" ''
for verb in list export 'show C11' 'history C11'; do
	# shellcheck disable=SC2086 # a verb with its operand
	refused "$verb --checkpoint" 2 'are for audit' \
	    reg -g "$c" --checkpoint no.checkpoint $verb
	# shellcheck disable=SC2086
	refused "$verb --against" 2 'are for audit' \
	    reg -g "$c" --against one.checkpoint $verb
done

# What proves nothing: a checkpoint that was changed.
proves() { # TEXT PATTERN FILTER: both programs refuse it
	jq -c "$3" one.checkpoint >other.checkpoint
	found "$1" "^: the checkpoint other.checkpoint proves nothing: $2" \
	    reg -g "$c" audit --against other.checkpoint
	checked 'the other program agrees' '^refused: ' trust other.checkpoint
}
genuine='the signature is not genuine'
proves 'a count' "$genuine" '.applications = 4'
proves 'a time' "$genuine" '.time = "2026-03-02T09:00:01Z"'
proves 'a root' "$genuine" '.root |= (.[1:] + .[:1])'
proves 'a station' "$genuine" '.stations.d1.events = 4'
proves 'a station more' "$genuine" \
    '.stations.d4 = {events: 0, actions: 0, action_head: ""}'
proves 'a signature' "$genuine" '.signature = "MAYCAQECAQE="'
proves 'none' "$genuine" '.signature = ""'
proves 'one that is no base64' "$genuine" '.signature = "?"'
proves 'a name' 'it names sun, but its key is that of zhang' \
    '.operator = "sun"'
proves 'another key' "$genuine" ".operator = \"sun\" | .key = \"$(jq -r \
    'select(.operator == "sun").key' trust)\""
proves "a reviewer's" 'li has not the role manager' \
    ".operator = \"li\" | .key = \"$(jq -r 'select(.operator == "li").key' \
    trust)\""
proves 'an unknown key' 'the trust file .* does not know key' \
    '.key |= (.[1:] + .[:1])'
proves 'before the key was good' 'the key' '.time = "2025-12-01T00:00:00Z"'
jq -c . one.checkpoint | jq . >other.checkpoint
ok 'blanks are no part of it' reg -g "$c" audit --against other.checkpoint
found "a manager's of another region" 'sun is no operator of region 110000' \
    reg -g "$c" audit -R 11 --against two.checkpoint
refused 'without a trust file' 3 'the trust file nowhere' \
    reg -g "$c" --trust nowhere audit --against one.checkpoint

# What is none at all.
wrong() { # TEXT PATTERN FILTER
	jq -c "$3" one.checkpoint >other.checkpoint
	refused "$1" 2 "other.checkpoint: .*$2" \
	    reg -g "$c" audit --against other.checkpoint
	is 'and nothing is audited' "$(cat out)" ''
}
wrong 'an empty object' 'no checkpoint' '{}'
wrong 'a list' 'no checkpoint' '[]'
wrong 'a record' 'no checkpoint' '.stations'
wrong 'another purpose' 'no checkpoint' '.purpose = "sscard seal 1"'
wrong 'a later version' 'v: ' '.v = 2'
wrong 'a member more' 'other members' '.note = 1'
wrong 'a member less' 'other members' 'del(.cards)'
wrong 'no time' 'time: ' '.time = "yesterday"'
wrong 'no key' 'operator, key' '.key = "x"'
wrong 'no name' 'operator, key' '.operator = 1'
wrong 'a count that is none' 'no count' '.events = -1'
wrong 'one that is a text' 'no count' '.actions = "2"'
wrong 'no root' 'root: ' '.root |= .[1:]'
wrong 'a root in capitals' 'root: ' '.root |= ascii_upcase'
wrong 'stations in a list' 'stations: ' '.stations = []'
wrong 'a station without a count' 'stations: ' 'del(.stations.d1.events)'
wrong 'without its head' 'stations: ' '.stations.d1.action_head = ""'
wrong 'with too long a name' 'stations: ' \
    '.stations = {("x" * 256): .stations.d1}'
refused 'no file' 3 'nope: No such file' \
    reg -g "$c" audit --against nope
seq 3 >text
refused 'a text' 2 'text: ' reg -g "$c" audit --against text

# --- The attacks: each leaves a register that is whole by itself.
attack() { # TEXT PATTERN: on bad.db, against two.checkpoint
	ok "the audit alone does not see: $1" reg -q -g "$bad" audit
	found 'the checkpoint does' "$2" \
	    reg -q -g "$bad" audit --against two.checkpoint
	reg -g "$bad" export >exported
	checked 'by the other program too' '^refused: ' trust two.checkpoint \
	    exported
}
root='^: the root over the chains as of the checkpoint of 2026-03-04T09:00:00Z'
ok 'nothing is wrong before' reg -g "$c" audit --against two.checkpoint
rm -f bad.db*
cp older.db bad.db
attack 'an older copy' '^d1: 5 events, and 6 by the checkpoint of 2026-03-04T'
like 'every station is named' "$(faults)" '^d2: 0 events, and 3 by '
like 'and actions' "$(faults)" '^d1: 2 actions, and 3 by '
like 'and the root' "$(faults)" "$root"
ok 'an older checkpoint is content' \
    reg -q -g "$bad" audit --against one.checkpoint
found 'of several, the one is named' 'by the checkpoint of 2026-03-04T' \
    reg -q -g "$bad" audit --against one.checkpoint --against two.checkpoint

c_kept=$c
c=$bad
applied 5 9 12
applied 5 6 8 d2
claims 5
c=$c_kept
attack 'an older copy that was worked on since' "$root"
like 'and its actions' "$(faults)" \
    '^d1: action 3 is not that of the checkpoint of 2026-03-04T'
is 'no count tells' "$(faults | grep -c 'by the')" 0

forge c.db event C11 1 operator zhao
attack 'an event rewritten' "$root"
is 'and nothing else is said' "$(wc -l <out)" 1
forge c.db record C11 "$(reg -g "$c" show C11 |
    jq -c '.person.name = "王大明"')"
attack 'a record rewritten' "$root"
forge c.db drop C13
attack 'an application taken out' '^d1: 5 events, and 6 by'
forge c.db drop C19
attack 'the last one taken out' '^d1: 5 events, and 6 by'
forge c.db drop C16 drop C17 drop C18
python3 -c 'import sqlite3
c = sqlite3.connect("bad.db")
c.execute("DELETE FROM station WHERE name = ?", ("d2",))
c.commit()'
attack 'a station taken out' '^d2: 0 events, and 3 by'
c=$bad
forge c.db drop C19
applied 5 9 10
c=$c_kept
attack 'one taken out and another put in' "$root"
forge c.db action d1 2 operator zhang
attack 'an action rewritten' '^d1: action 3 is not that of the checkpoint'
is 'and nothing else is said' "$(wc -l <out)" 1
forge c.db end d1
attack 'the last action taken out' '^d1: 2 actions, and 3 by'

# With seals: one application set back to an earlier form, and none of them.
ok 'a checkpoint of the sealed register' seals_of zhang "$a" \
    day 4 ss-registry audit --checkpoint two.checkpoint.a
mv two.checkpoint.a two.checkpoint
forge a.db cut A2
attack 'the last step of a sealed record' '^d2: 1 events, and 2 by'
forge a.db record A3 "$(reg -g "$a" show A3 | jq -c 'del(.seals)')"
attack 'the seals of a record' "$root"
SSCARD_DATA=$W/data found 'where they are required, the audit does' \
    '^A3: the record has no seals' reg -g "$bad" audit

# A full disk.
refused 'faults on a full disk' 3 'standard output: No space' \
    sh -c "ss-registry -g '$bad' audit --against two.checkpoint >/dev/full"
done_testing
