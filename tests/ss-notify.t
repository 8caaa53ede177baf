#!/bin/sh
# ss-notify: messages for every kind, channel and language; mail handed to a
# command or put into a folder; the command that fails, stalls or is cut off.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

export SSCARD_REGISTRY="$W/registry.db" SSCARD_STATION=d1
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
jq '.review.reject += ["id-valid"] | .collect.uncollected_after = "6 months"' \
    data/policies/00.json >policy && cp policy data/policies/00.json
make-photo >p.jpg
printf one >one.pdf

# The applications: M is made, R returned, X rejected; N is returned and has no
# address, O is approved, P pending.
filled() { # ID SERIAL JQ
	jq -nc --arg id "$1" --arg n "$(citizen 110101 19900307 "$2")" '{
	    id: $id, person: {name: "张三", id_number: $n, id_until: "长期",
	    phone: "13800138000", address: "东城区1号",
	    email: ($id + "@example.org")}, photo: "p.jpg",
	    documents: {identity: "one.pdf"}} | '"${3:-.}"
}
reviewed() { # FORMS: what a review makes of them
	ss-apply -q -o wang "$1" |
	    ss-verify -q -o li --attest likeness,bareheaded,face
}
{
	filled M 881
	filled R 883 'del(.photo)'
	filled X 885 '.person.id_until = "2001-01-01"'
	filled N 887 'del(.photo, .person.email)'
} >forms
reviewed forms >all
head -n 1 all | make-card >made
{ cat made; sed 1d all; } >due
is 'the applications' "$(jq -r '.id + " " + .state' due | xargs)" \
    'M made R returned X rejected N returned'
filled O 889 >other
reviewed other >others
filled P 891 | ss-apply -q -o wang | ss-verify -q -o li >>others
filled A 893 | ss-apply -q -o wang >>others

run() { # STATUS ARGUMENTS...: to got and log
	_want=$1
	shift
	status "status of ss-notify $*" "$_want" ss-notify -o wu "$@"
	cp "$W/out" got
	cp "$W/err" log
}
said() { # the error of each record in got
	jq -r 'if .error then .id + " " + .error.code + ": " +
	    .error.message else empty end' got
}
has() { # ID JQ: what the register has of an application
	ss-registry show "$1" | jq -r "$2"
}
steps() { # ID: how often it was notified
	ss-registry history "$1" | jq -r .step | grep -c '^notify$'
}

# --- what is not due
run 0 others
ok 'other states pass byte for byte' cmp others got
is 'and are counted' "$(cat log)" 'ss-notify: 3 records: 3 passed untouched'

# --- a dry run
run 0 -n -v due
is 'a dry run makes the messages' "$(jq -r .notice.kind got | xargs)" \
    'ready returned rejected returned'
is 'which are counted by their kind' "$(cat log)" \
    'ss-notify: 4 records: 1 ready, 2 returned, 1 rejected'
is 'and stores nothing' "$(steps M)" 0

# --- records for a gateway
jq -c . due | sed '1s/^{/{ /' >spaced
run 0 spaced
is 'a notice for each' "$(jq -r '.notice | [.kind, .channel, .lang, .by,
    .station, .revision, .to, .sent] | tostring' got)" \
    '["ready","record","zh","wu","d1",1,null,null]
["returned","record","zh","wu","d1",1,null,null]
["rejected","record","zh","wu","d1",1,null,null]
["returned","record","zh","wu","d1",1,null,null]'
is 'the state stays' "$(jq -r .state got | xargs)" \
    'made returned rejected returned'
like 'what is to be mended' "$(jq -r 'select(.id == "R") | .notice.body' got)" \
    '缺少照片'
like 'the reason' "$(jq -r 'select(.id == "X") | .notice.body' got)" \
    '证件不在有效期内'
like 'where, and how long' "$(jq -r 'select(.id == "M") | .notice.body' got |
    tr '\n' ' ')" '请在 [0-9-]+ 以前领取.*（北京市东城区）'
is 'in short too, in a line' "$(jq -r '.notice.short' got | wc -l)" 4
is 'what was not touched keeps its bytes' "$(head -n 1 got |
    sed 's/,"notice".*//')" "$(head -n 1 spaced | sed 's/}$//; s/^{ /{/')"
for id in M R X; do
	is "$id: the register has it" "$(has $id '.notice | tojson')" \
	    "$(jq -S --arg i $id 'select(.id == $i) | .notice' got | jq -c .)"
	is "$id: in one step" "$(steps $id)" 1
done
cp got told
run 0 due
is 'a rerun of what it was before' \
    "$(jq -r '.already | tostring' got | xargs)" 'true true true true'
ok 'is what was made' sh -c 'jq -cS "del(.already)" got >a &&
    jq -cS . told | cmp - a'
run 0 told
is 'a rerun of what it is' "$(jq -r .already got | xargs)" \
    'true true true true'
is 'takes no step' "$(steps M)" 1
ids=$(jq -r .notice.message_id told)
like 'the id is of this shape' "$(echo "$ids" | head -n 1)" \
    '^sscard\.[0-9a-f]{32}$'
is 'each is another' "$(echo "$ids" | sort -u | wc -l)" 4

# --- channels and languages
jq -c '.already = true' told >reran
run 0 --channel sms --lang en reran
is 'another language and channel is another message' \
    "$(jq -r '.notice | [.channel, .lang, .to, .subject] | tostring' got |
    sort -u)" '["sms","en","13800138000",null]'
like 'in English' "$(head -n 1 got | jq -r .notice.body)" \
    '^张三, your social security card .ending .* is ready'
is 'it has the id that it had' "$(jq -r .notice.message_id got)" "$ids"
not_ok 'already is gone where it was made anew' grep already got
run 0 --channel mail --lang en told
is 'mail that a gateway sends' \
    "$(jq -r '.notice.to // .id' got | xargs)" \
    'M@example.org R@example.org X@example.org N'
run 0 --channel sms --to person.guardian.phone told
is 'no address is none' "$(jq -r '.notice.to | tostring' got | xargs)" \
    'null null null null'

# --- a command that sends
cat >fake <<'END'
#!/bin/sh
# Keeps what it gets as the next of 1, 2, ...; does more when it is told so.
n=$(($(cat sent/count 2>/dev/null) + 1))
cat >"sent/$n"
echo "$n" >sent/count
echo "from $0" >&2
[ -z "${1:-}" ] || exit "$1"
END
chmod +x fake
mkdir sent
sent() {
	cat sent/count 2>/dev/null || echo 0
}
post() { # STATUS ARGUMENTS...
	_want=$1
	shift
	run "$_want" --from post@example.gov "$@"
}
post 1 -n --send ./fake told
is 'a dry run sends nothing' "$(sent)" 0
is 'but finds what cannot be sent' "$(said)" \
    'N invalid: person.email: is missing; this message needs an address'
post 1 --send ./fake told
is 'three are sent' "$(sent)" 3
is 'the fourth has no address' "$(said)" \
    'N invalid: person.email: is missing; this message needs an address'
is 'and says so' "$(jq -r '.notice.sent | tostring' got | xargs)" \
    'sent sent sent null'
is 'nobody hears the command' "$(grep -c from log)" 0
is 'intent and outcome are steps' "$(($(steps M) - $(steps N)))" 2
is 'the register has it' "$(has M '.notice.sent')" sent
head -n 3 got >sent.jsonl
# shellcheck disable=SC2016 # for the inner shell
ok 'what came out is what the register has' sh -c \
    'for i in M R X; do ss-registry show $i; done | jq -cS . >a &&
    jq -cS . sent.jsonl | cmp - a'
cat >read.py <<'END'
import email, email.policy, json, sys
for path, line in zip(sys.argv[2:], open(sys.argv[1], encoding="utf-8")):
    n = json.loads(line)["notice"]
    m = email.message_from_binary_file(open(path, "rb"),
        policy=email.policy.default)
    assert m["To"] == n["to"], m["To"]
    assert m["From"].addresses[0].addr_spec == "post@example.gov", m["From"]
    assert m["From"].addresses[0].display_name, m["From"]
    assert m["Subject"] == n["subject"], m["Subject"]
    assert m["Message-ID"] == "<" + n["message_id"] + ">", m["Message-ID"]
    assert m["Date"].datetime.isoformat()[:10] >= "2026", m["Date"]
    assert m.get_content().replace("\r\n", "\n") == n["body"], m.get_content()
    assert not m.defects, m.defects
END
ok 'the mail says what the record says' \
    python3 read.py sent.jsonl sent/1 sent/2 sent/3
is 'the id has the host of the sender' \
    "$(jq -r .notice.message_id sent.jsonl)" \
    "$(echo "$ids" | sed -n '1,3s/$/@example.gov/p')"
for records in due told sent.jsonl; do
	head -n 3 $records >again
	post 0 --send ./fake again
	is "a rerun of $records sends nothing" \
	    "$(sent) $(jq -r .already got | xargs)" '3 true true true'
done
run 0 again
is 'nor does it make another without --send' \
    "$(jq -r .already got | xargs)" 'true true true'
post 0 --send ./fake --lang en again
is 'nor in another language' "$(sent)" 3
head -n 1 sent.jsonl >one
post 0 --send ./fake --again one
is '--again sends again' "$(sent)" 4
is 'with the same id' "$(grep -h Message-ID sent/1 sent/4 | uniq | wc -l)" 1
cat made made >twice
post 0 --send ./fake --again twice
is 'one that stands twice is sent once' \
    "$(sent) $(jq -r .already got | xargs)" '5 null true'
tail -n 1 sent.jsonl | jq -c '.person.email = "thief@example.org"' >altered
post 1 --send ./fake --again altered
is 'an altered record is not sent' "$(sent) $(said)" \
    '5 X auth: member person is not what the register has'

# --- addresses
filled B 895 'del(.photo) | .mail2 = "b@example.org\nBcc: c@example.org"' >form
reviewed form >b
post 1 --send ./fake --to mail2 b
is 'an address with a line break is refused' "$(sent) $(said)" \
    '5 B invalid: mail2: not a mail address; the form name@example.org is wanted'
not_ok 'and is not repeated' grep -q example.org@ log
is 'nothing is stored' "$(steps B)" 0
for bad in 'x@example.org\nBcc: y@example.org' 'x y@example.org' '-f@example.org' \
    'x@' '邮@example.org'; do
	filled C 897 ".person.email = \"$bad\"" >form
	status 'ss-apply refuses what is no address' 1 ss-apply -o wang form
	is 'by its member' "$(jq -r .error.message out)" \
	    'person.email: not a mail address; the form name@example.org is wanted'
done
printf '姓名,身份证号,电子邮箱\n张三,%s, d@example.org \n' \
    "$(citizen 110101 19900307 899)" >forms.csv
is 'CSV has a column for it' "$(ss-apply -n --csv forms.csv |
    jq -r .person.email)" d@example.org
is 'and options' "$(ss-apply -n --name x --id-number \
    "$(citizen 110101 19900307 899)" --email e@example.org |
    jq -r .person.email)" e@example.org

# --- a command that fails
filled F 901 'del(.photo)' >form
reviewed form >f
post 1 --send './fake 75' f
is 'its status is told' "$(said)" 'F io: the command ended with status 75'
is 'and kept' "$(has F .notice.sent)" failed
is 'the record is as it was' "$(jq -c 'del(.error)' got)" "$(cat f)"
jq -c 'del(.error)' got >again
post 1 --send ./no-such-command again
is 'one that is not there' "$(said)" 'F io: the command ended with status 127:'\
' it is not there or cannot be run'
n=$(sent)
post 0 --send ./fake again
is 'it is tried again' "$(($(sent) - n)) $(has F .notice.sent)" '1 sent'
is 'each time with intent and outcome' "$(steps F)" 6
cat f f b >three
post 1 --send 'exit 3' --again three
is 'the others are tried' "$(said | cut -c1-6 | xargs)" 'F io: F stat B io:'

# --- a command that stalls: whether it sent is not known
filled S 903 'del(.photo)' >form
reviewed form >s
mkfifo never
post 1 --send 'read -r x <never' --timeout 1 s
is 'the time is over' "$(said)" \
    'S io: the command did not end within 1000 ms and was stopped'
is 'the intent is kept' "$(has S .notice.sent)" begun
n=$(sent)
post 1 --send ./fake s
is 'it is not sent again' "$(said)" 'S state: it is not known whether this'\
' message was sent; look, then say --again'
run 1 s
is 'nor made again' "$(said | cut -d: -f1)" 'S state'
is 'nothing was sent' "$(sent)" "$n"
post 0 --send ./fake --again s
is 'until it is said' "$(($(sent) - n)) $(has S .notice.sent)" '1 sent'

# --- killed between intent and outcome
filled K 905 'del(.photo)' >form
reviewed form >k
# shellcheck disable=SC2016 # for the command's shell
status 'a run that is killed' 137 ss-notify -o wu --from post@example.gov \
    --send './fake; kill -9 $PPID' k
n=$(sent)
is 'leaves the intent' "$(has K .notice.sent)" begun
ok 'and a register in order' ss-registry audit
post 1 --send ./fake k
is 'a rerun does not send' "$(sent) $(said | cut -d: -f1)" "$n K state"
post 0 --send ./fake --again k
is 'but when it is told to' "$(($(sent) - n)) $(has K .notice.sent)" '1 sent'

# --- revisions, and a message made before it is sent
filled V 907 'del(.photo)' >form
reviewed form >v
run 0 v
cp got first
is 'made for now' "$(jq -r '.notice.sent | tostring' first)" null
n=$(sent)
post 0 --send ./fake first
is 'and sent later' "$(($(sent) - n)) $(jq -r .notice.sent got)" '1 sent'
reviewed got >second
is 'not mended, returned again' "$(jq -r '[.state, .applied.revision] |
    tostring' second)" '["returned",2]'
post 0 --send ./fake second
is 'is another message' "$(($(sent) - n)) $(jq -r '.notice.revision' got)" '2 2'
not_ok 'with another id' grep -qF "$(jq -r .notice.message_id first)" got

# --- into a folder
head -n 3 told >three
post 1 --out spool told
is 'what was sent is not put there' "$(jq -r '.already | tostring' got |
    xargs)" 'true true true null'
post 0 --out spool --again three
ids=$(jq -r .notice.message_id got | sed 's/@.*//')
is 'a file for each' "$(cd spool && ls)" \
    "$(echo "$ids" | sed 's/$/.eml/' | sort)"
is 'for no other eyes' "$(stat -c %a spool spool/* | sort -u | xargs)" '600 700'
is 'the record says so' "$(jq -r .notice.sent got | xargs)" \
    'written written written'
cp got put
# shellcheck disable=SC2046 # ids are words
ok 'the mail says what the record says' python3 read.py put \
    $(echo "$ids" | sed 's|.*|spool/&.eml|')
rm -r spool
post 0 --out spool put
is 'a rerun puts nothing' "$(jq -r .already got | xargs)" 'true true true'
not_ok 'not even the folder' test -e spool
filled W 909 'del(.photo)' >form
reviewed form >w
mkdir spool
name=$(ss-notify -n w | jq -r .notice.message_id).eml
echo there >"spool/$name"
post 0 --out spool w
is 'a file that is there is left' "$(cat "spool/$name")" there
post 0 --out spool --again w
like 'unless it is told otherwise' "$(head -n 1 "spool/$name")" '^From: '
is 'nothing else is left' "$(ls spool)" "$name"
filled Y 911 'del(.photo)' >form
reviewed form >y
post 3 --out /dev/null/spool y
is 'no folder stops the run' "$(jq -r .error.code got) $(steps Y)" 'io 0'

# --- many
many=200
[ -n "${SS_SLOW:-}" ] && many=10
i=0
while [ $i -lt $many ]; do
	i=$((i + 1))
	filled "T$i" "$(printf %03d $i)" 'del(.photo)'
done >forms
ss-apply -q -o wang forms | ss-verify -q -o li >many
is 'many are returned' "$(jq -r .state many | sort | uniq -c | xargs)" \
    "$many returned"
rm -r sent
mkdir sent
post 0 -v -j 4 --send ./fake many
is 'each is sent' "$(sent) $(cat log)" \
    "$many ss-notify: $many records: $many returned"
is 'once, and in order' "$(for f in $(seq $many); do
	sed -n 's/^To: \(.*\)@.*/\1/p' "sent/$f"
    done)" "$(jq -r .id many)"
post 0 --send ./fake many
is 'a rerun sends none' "$(sent) $(cat log)" \
    "$many ss-notify: $many records: $many done already"
post 0 -j 4 --out spool2 --again many
is 'and into files, by several threads' "$(find spool2 -name '*.eml' |
    wc -l)" "$many"
ok 'the register is in order' ss-registry audit

# --- wrong use
while IFS='|' read -r text arguments; do
	# shellcheck disable=SC2086 # several words
	status "$text" 2 ss-notify $arguments due
done <<'END'
no channel|--channel pigeon
no language|--lang fr
no address|--from post
--send without a sender|--send cat
--out without a sender|--out spool
both|--send cat --out spool --from a@example.org
a short message to a command|--channel sms --send cat --from a@example.org
no time|--timeout 0
an address of a record|--to person.email
no register|-g none
END
status 'a dry run makes no register' 3 ss-notify -n -g "$W/other.db" due
is 'and says so' "$(cat err)" "ss-notify: $W/other.db: No such file or directory"
run 1 -g "$W/other.db" due
is 'a new register knows none of them' "$(said | cut -d: -f1 | xargs)" \
    'M missing R missing X missing N missing'
filled Z 913 'del(.photo)' >form
SSCARD_REGISTRY=none reviewed form >z
run 1 z
is 'what the register does not know' "$(said | cut -d: -f1)" 'Z missing'
done_testing
