#!/bin/sh
# exec: and ss-key serve: cards made by way of a helper are those made without
# one, byte for byte; a helper written from the manual; helpers that fail in
# every way; what is allowed, and the log.
# shellcheck disable=SC2317,SC2086 # called by others; options in a word
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

SERVE="ss-key serve -k file:$W/keys --passphrase-fd 3 3<$W/passphrase"
# Known by its path from those of other runs.
cp "$SS_TOP/tests/key-helper.py" helper.py
export PYTHONPATH="$SS_TOP/tests" PYTHONDONTWRITEBYTECODE=1
PYTHON="python3 $W/helper.py 110100"
FILE=$SSCARD_KEYS

# --- the same list
secret ss-key list >by-file
# But for where the keys are.
same_list() { # LIST BY-FILE
	[ "$(jq -r .where "$1" | sort -u)" = helper ] &&
	    [ "$(jq -c 'del(.where)' "$1")" = "$(jq -c 'del(.where)' "$2")" ]
}
status 'a list by ss-key serve' 0 ss-key -k "exec:$SERVE" list
cp out got
ok 'is the list' same_list got by-file
status 'by a helper that another hand wrote' 0 ss-key -k "exec:$PYTHON" list
cp out got
ok 'too' same_list got by-file
status 'through two of them' 0 ss-key \
    -k "exec:ss-key serve -k 'exec:$SERVE'" list
cp out got
ok 'as well' same_list got by-file
ok 'a helper that takes its store from the environment does not start itself' \
    sh -c "mkdir -p state/sscard && cp keys state/sscard/keys &&
    SSCARD_KEYS='exec:ss-key serve --passphrase-fd 3 3<$W/passphrase' \
    timeout 60 ss-key list"

# --- the same cards
whole() { # NAME KEYS: a card is made, activated and given a PIN in a register
	# of its own; everything that was random is the same each time.
	mkdir "$1" && cp -r a.jsonl "$1" && cp registry.db "$1/registry.db"
	(
		cd "$1" || exit 1
		export SSCARD_REGISTRY="sqlite:$W/$1/registry.db" \
		    SSCARD_KEYS="$2" LD_PRELOAD="$SS_TOOLS/same-random.so"
		fd=--passphrase-fd=3
		case $2 in exec:*) fd= ;; esac
		ss-softcard new card --profile "gen$3" --region 110101 \
		    --serial 5 &&
		at "$NOW" ss-encode -q -o zhou --station m1 -r soft:card $fd \
		    --trace t1 a.jsonl 3<"$W/passphrase" >made &&
		collect <made >collected &&
		at "$NOW" ss-activate -q -o zhang --station c1 -r soft:card \
		    --attest identity $fd --trace t2 collected \
		    3<"$W/passphrase" >active &&
		echo 58291730 >pin &&
		at "$NOW" ss-setpin -q -o zhang --station c1 -r soft:card \
		    --reset --attest identity --pin-fd 4 $fd --trace t3 \
		    active 3<"$W/passphrase" 4<pin >ended &&
		jq -r .c t1 t2 t3 >commands && ss-softcard show card >shown &&
		jq 'del(.card.ms)' ended >timeless
	)
}
cp registry.db empty.db
for g in 1 3; do
	cp empty.db registry.db
	own_policy ".card.generation = $g | .card.name_extension_bytes = \
$([ "$g" = 1 ] && echo 0 || echo 20)"
	approved a "$(people 1 1)"
	ok "generation $g with file:" whole "file-$g" "$FILE" "$g"
	ok "with exec:ss-key serve" whole "exec-$g" \
	    "exec:$SERVE --log $W/log-$g" "$g"
	ok "with the other helper" whole "python-$g" "exec:$PYTHON" "$g"
	is 'a card in use' "$(jq -r .state "file-$g/ended")" active
	like 'PUK and the reload were sent' "$(grep -c '^84240001' \
	    "file-$g/commands")" '^1$'
	for kind in exec python; do
		ok "$kind: the same card" diff -r "file-$g/card" \
		    "$kind-$g/card"
		ok "$kind: shown the same" cmp "file-$g/shown" \
		    "$kind-$g/shown"
		ok "$kind: the same commands" cmp "file-$g/commands" \
		    "$kind-$g/commands"
		ok "$kind: the same record but for its time" \
		    cmp "file-$g/timeless" "$kind-$g/timeless"
	done
	cp "file-$g/commands" "commands-$g"
done
not_ok 'two generations are two cards' cmp -s commands-1 commands-3
is 'no helper is left' "$(pgrep -f "$W/[k]eys")" ''

# --- the log of it
is 'a log is for its owner' "$(stat -c %a log-3)" 600
is 'every line is JSON and came out well' \
    "$(jq -r .outcome log-3 | sort | uniq -c | awk '{ print $2 }')" ok
is 'what was asked' "$(jq -r .op log-3 | sort -u | xargs)" \
    'auth hello kcv wrap-pin'
is 'the reload names key and card' "$(jq -c 'select(.op == "wrap-pin") |
    del(.time, .n)' log-3)" '{"op":"wrap-pin","region":"110100","key":"STK",'\
'"version":1,"cipher":"sm4","city":"110100","card":'\
"$(jq -c 'select(.card).card' log-3 | sort -u)"',"outcome":"ok"}'
is 'of its time' "$(jq -r .time log-3 | cut -c1-10 | sort -u)" 2026-03-02
is 'each key was asked for its check value once a store' \
    "$(jq -r 'select(.op == "kcv").key' log-3 | sort | uniq -c |
    awk '$1 > 3')" ''
for secret in 58291730 "$(cat passphrase)"; do
	not_ok 'no PIN, no passphrase' grep -rqa -e "$secret" log-1 log-3 \
	    exec-3/ended exec-3/made exec-3/t1 exec-3/t2 exec-3/t3
done
is 'nothing that was computed' "$(jq -r 'keys_unsorted[]' log-3 | sort -u |
    xargs)" 'card cipher city key n op outcome region time version'

# --- helpers that fail
own_policy .
cp empty.db registry.db
chip c --serial 9
fails() { # TEXT PATTERN COMMAND: the list, from a helper
	date +%s >from
	status "$1" 3 timeout 60 ss-key -k "exec:$3" list
	like 'is said' "$(cat err)" "^ss-key: the key helper.*$2"
	is 'nothing comes out' "$(cat out)" ''
	is 'in time' "$(($(date +%s) - $(cat from) < 20))" 1
}
none='its answer is none: '
row='key 1 of "masters"'
fourth='key 4 of "masters"'
fails 'one that is not there' \
    'nonesuch: not found.*status 127: it is not there' nonesuch
fails 'one that ends at once' 'it ended with status 9' 'exit 9'
fails 'one that ends well' 'it ended with status 0' true
fails 'one that says why' 'says "Permission denied": it ended with status 255' \
    '(echo Welcome; echo Permission denied) >&2; exit 255'
fails 'one that is killed' 'it was ended by signal 9' 'kill -9 $$'
fails 'a wrong passphrase' 'wrong passphrase.*status 3' \
    "echo no | ss-key serve -k file:$W/keys --passphrase-fd 3 3<$W/keys"
fails 'no terminal to ask at' 'no terminal to ask at; see --passphrase-fd' \
    "ss-key serve -k file:$W/keys"
fails 'text before it is asked' 'not JSON|without being asked' \
    "echo Welcome; $PYTHON"
fails 'a banner' 'not JSON|without being asked' "$PYTHON banner"
fails 'an echo' "$none" cat
fails 'an endless line' 'its answer has no end' "$PYTHON line hello"
fails 'endless lines' 'without being asked' "$PYTHON lines hello"
fails 'zeros without end' 'no end|without being asked' 'cat /dev/zero'
fails 'one that leaves a child behind' 'it ended with status 7' \
    "$PYTHON child hello"
while read -r fault pattern; do
	fails "$fault" "$pattern" "$PYTHON $fault hello"
done <<END
number ${none}another number
late ${none}another number
op ${none}another operation
v ${none}not of this version
short ${none}$row
long ${none}$row
hex ${none}$row
upper ${none}$row
other the check value of a key is not the one
empty ${none}
many ${none}2049 keys, more than 2048
twice ${none}key 13 of "masters" stands there twice
name ${none}$fourth
region ${none}$fourth
version ${none}$fourth
cipher ${none}$fourth
test ${none}$fourth
code ${none}an error of no kind
policy not \[2J today
text ${none}not JSON
two without being asked
die it ended with status 7
half it ended with status 7
END
fails 'auth at hello' ': no$' "$PYTHON auth hello"
fails 'a wrong check value' 'the check value of a key' "$PYTHON other kcv"
is 'a control character is not handed on' "$(ss-key -k \
    "exec:$PYTHON policy hello" list 2>&1 | tr -d '[:print:]\n' | wc -c)" 0
is 'no megabytes of an endless line' "$(sh -c 'ulimit -v 200000
    ss-key -k "exec:ulimit -v unlimited; cat /dev/zero" list' 2>&1 |
    grep -c 'out of memory')" 0
status 'a flood on standard error' 0 timeout 60 ss-key -k \
    "exec:$PYTHON stderr hello" list
cp out got
ok 'is no matter' same_list got by-file
status 'a helper that goes on after its end is awaited' 0 timeout 60 ss-key \
    -k "exec:$PYTHON; sleep 100" list
is 'no helper is left, nor what it left' "$(pgrep -af "$W/[h]elper.py")" ''

# Late ones, by a clock that runs 20 times as fast.
quick() {
	_forget_dead
	faketime -f '+0 x20' "$@"
}
for fault in stall stubborn hangup; do
	status "$fault" 3 quick timeout 600 ss-key \
	    -k "exec:$PYTHON $fault hello" list
	like 'is said' "$(cat err)" \
	    'the key helper: it (did not answer in time|hung up)'
done
status 'one that does not listen' 3 quick timeout 600 ss-key \
    -k 'exec:exec 0<&-; sleep 1000' list
is 'and none is left' "$(pgrep -af "$W/[h]elper.py")" ''

# --- in the midst of a card
approved b "$(people 1 2)"
by() { # FAULT OP [FILE]: made by a helper that fails so
	SSCARD_KEYS="exec:$PYTHON $*" at "$NOW" timeout 60 ss-encode -q \
	    -o zhou --station m1 -r soft:c b.jsonl
}
for fault in number op short hex upper two text line die; do
	status "$fault, over a card" 3 by $fault auth
	like 'the record says' "$(said)" '^(crypto|io): the key helper'
	is 'no try is lost' "$(tries_of c)" "$FULL"
done
status 'a helper that says no' 1 by policy auth
like 'is policy' "$(said)" '^policy: the key helper: not \[2J today'
status 'one that says the request back' 3 by echo auth
for fault in die half killed; do
	rm -f mark registry.db
	cp empty.db registry.db
	rm -r c
	chip c --serial 9
	approved b "$(people 1 2)"
	status "one that ends once ($fault) is started again" 0 by $fault \
	    auth mark
	is 'and the card is made' "$(came)" \
	    "made $(jq -r .card.number out)"
done
rm -f mark
status 'one that is deaf the first time' 3 quick timeout 600 ss-key \
    -k "exec:$PYTHON deaf hello $W/mark" list
status 'then it hears' 0 ss-key -k "exec:$PYTHON deaf hello $W/mark" list
# It ends at its first auth, and the next one has other keys.
cat >two.sh <<END
if [ -e $W/again ]; then exec $PYTHON \$1 hello; fi
touch $W/again; exec $PYTHON die auth
END
for fault in less other; do
	rm -f again c.made
	rm -r c
	chip c --serial 9
	status "one that comes back with other keys ($fault)" 3 sh -c "
	    SSCARD_KEYS='exec:sh $W/two.sh $fault' timeout 60 \
	    ss-read -r soft:c --station m1 -o zhou"
	like 'is not trusted' "$(cat out err)" \
	    'it was started again and has other keys than before'
done

# --- a PIN is not handed on
cp empty.db registry.db
approved p "$(people 1 3)"
chip p --serial 12
encode p p.jsonl | collect >p.made
secret at "$NOW" ss-activate -q -o zhang --station c1 -r soft:p \
    --attest identity p.made >p.jsonl
echo 71942638 >pin
setpin() { # KEYS
	SSCARD_KEYS=$1 at "$NOW" timeout 60 ss-setpin -q -o zhang \
	    --station c1 -r soft:p --reset --attest identity --pin-fd 4 \
	    p.jsonl 4<pin
}
status 'a helper that says the PIN' 3 setpin "exec:$PYTHON echo wrap-pin"
like 'is quoted without it' "$(said)" \
    '^crypto: the key helper: it says the PIN'
not_ok 'nowhere' grep -qa 71942638 out err registry.db

# SSCARD_KEYS is not handed on, and there is no secret to be seen.
status 'a PIN is given' 0 setpin "exec:cat /proc/self/environ \
    /proc/\$PPID/environ /proc/\$PPID/cmdline >$W/seen 2>/dev/null
    cat /proc/self/environ >$W/given; exec $PYTHON"
ok 'its environment is ours' grep -qa SSCARD_REGISTRY given
not_ok 'but for the store' grep -qa SSCARD_KEYS given
not_ok 'no PIN is there, nor on the command line' grep -qa 71942638 seen given

# --- changing
for verb in 'test 22' passwd 'import -R 22 --key IRK --cipher sm4'; do
	status "$verb" 2 ss-key -k "exec:$PYTHON" $verb
	like 'is refused at once' "$(cat err)" 'not changed from here'
done
status 'no command' 2 ss-key -k exec: list

# --- what a client may do
ask() { # [OPTION...]: requests from standard input
	secret ss-key serve -k "$FILE" "$@"
}
arithmetic='{"diversify":"pair","session":"short","mac_key":"short",'\
'"auth_cut":"fold","mac_cut":"fold","mac_start":"zero","mac_rule":"cbc",'\
'"pin_pad":"80","mac_pad":"80","headers":{"reload_pin":"84240001",'\
'"unblock_pin":"84240000","block":"841e0000","block_forever":"841e0001",'\
'"unblock":"84180000","block_card":"84160000"}}'
master() { # KEY [REGION [VERSION]]
	printf '{"region":"%s","key":"%s","version":%s,"cipher":"sm4"}' \
	    "${2:-110100}" "$1" "${3:-1}"
}
q() { # N OP KEY [MORE [CITY [REGION [VERSION]]]]
	printf '{"v":1,"n":%s,"op":"%s","master":%s,"city":"%s",' "$1" "$2" \
	    "$(master "$3" "${6:-}" "${7:-}")" "${5:-110100}"
	printf '"historical":"53534f53315343110100000007",'
	printf '"factor":"0102030405060708","arithmetic":%s%s}\n' \
	    "$arithmetic" "${4:-}"
}
original=',"original":"1112131415161718"'
codes() { # of the answers in out
	jq -r '.error.code // "ok"' out | xargs
}
{
	q 1 auth IRK "$original"
	q 2 order BK ',"order":"block"'
	q 3 wrap-pin STK ',"pin":"123456"'
	printf '{"v":1,"n":4,"op":"kcv","master":%s}\n' "$(master PUK)"
	echo '{"v":1,"n":5,"op":"hello"}'
} >five
status 'without rules' 0 ask <five
is 'everything is done' "$(codes)" 'ok ok ok ok ok'
is 'the answers have their numbers' "$(jq -c '[.v, .n, .op]' out | xargs)" \
    '[1,1,auth] [1,2,order] [1,3,wrap-pin] [1,4,kcv] [1,5,hello]'
head -n 4 out >five.out
$PYTHON <five | head -n 4 >theirs
ok 'and are those of the other hand' sh -c \
    'jq -S . five.out >ours; jq -S . theirs | cmp ours -'
rules() { # RULES CODES: of the five
	echo "{\"rules\": [$1]}" >rules
	status "rules $1" 0 ask --allow rules <five
	is 'allow so much' "$(codes)" "$2"
}
p=policy
# No settings, and no card, by which an answer is a key's half.
q 9 auth IRK "$original" >plain
for change in 's/"diversify":"[a-z]*"/"diversify":"none"/' \
    's/"session":"[a-z]*"/"session":"none"/' \
    's/"mac_key":"[a-z]*"/"mac_key":"none"/' \
    's/53534f53315343110100000007/53534f53313232303130307378/' \
    's/53534f53315343110100000007/53534f53313232303030307368/'; do
	sed "$change" plain >changed
	status "no key by $change" 0 ask <changed
	like 'is given away' "$(codes)" '^policy'
done
rules '' "$p $p $p $p ok"
is 'and show nothing' "$(jq -c '.masters // empty' out)" '[]'
rules '{"operations":["auth"]}' "ok $p $p ok ok"
rules '{"operations":["auth"],"keys":["IRK"]}' "ok $p $p $p ok"
is 'one key is shown, in both ciphers' "$(jq -c '.masters // empty |
    [.[] | .key + .cipher]' out)" '["IRK3des","IRKsm4"]'
rules '{"operations":["order"],"orders":["block"]}' "$p ok $p ok ok"
rules '{"operations":["order"],"orders":["unblock"]}' "$p $p $p ok ok"
rules '{"operations":["wrap-pin"],"region":"11"}' "$p $p ok ok ok"
rules '{"operations":["wrap-pin"],"region":"12"}' "$p $p $p $p ok"
rules '{"operations":["auth","order"],"city":"1101"}' "ok ok $p ok ok"
rules '{"operations":["auth","order"],"city":"1102"}' "$p $p $p ok ok"
rules '{"operations":["auth"],"versions":[2,3]}' "$p $p $p $p ok"
rules '{"operations":["auth"],"versions":[1]}' "ok $p $p ok ok"
rules '{"operations":["auth"],"ciphers":["3des"]}' "$p $p $p $p ok"
rules '{"operations":["auth"],"test":false}' "$p $p $p $p ok"
rules '{"operations":["auth"],"test":true,"note":"x"}' "ok $p $p ok ok"
rules '{"operations":["auth"]},{"operations":["order"]}' "ok ok $p ok ok"
{ cat five five five; } >fifteen
echo '{"rules":[{"operations":["auth"],"limit":2}]}' >rules
status 'a limit' 0 ask --allow rules <fifteen
is 'is counted' "$(jq -r 'select(.op == "auth") | .error.message // "ok"' out |
    paste -sd,)" 'ok,ok,auth with the sm4 key IRK of version 1 of "110100" '\
'is not allowed any more: its limit is reached'
while IFS='	' read -r text pattern; do
	printf '%s' "$text" >rules
	status "rules $text" 3 ask --allow rules <five
	like 'fault, member and cure' "$(cat err)" "^ss-key: rules: $pattern"
	is 'and nothing is served' "$(cat out)" ''
done <<'END'
{"rules":[{"operation":["auth"]}]}	rule 1: "operation": a rule has no such
{"rules":[{}]}	rule 1: "operations": is wanted
{"rules":[{"operations":["kcv"]}]}	rule 1: "operations": a word that is
{"rules":[{"operations":[]}]}	rule 1: "operations": is a list of one
{"rules":[{"operations":["auth"],"keys":["irk"]}]}	rule 1: "keys": a word
{"rules":[{"operations":["auth"],"region":"11010x"}]}	rule 1: "region": is
{"rules":[{"operations":["auth"],"versions":[0]}]}	rule 1: "versions": are
{"rules":[{"operations":["auth"],"limit":0}]}	rule 1: "limit": is a number
{"rules":[{"operations":["auth"],"test":1}]}	rule 1: "test": is true
{"rules":[5]}	rule 1: a rule is an object
{"rule":[]}	"rules": is wanted
{"rules":[	byte
END
echo '{"rules":[]}' >theirs
chmod 664 theirs
status 'rules that others may write' 3 ask --allow theirs <five
status 'no rules' 3 ask --allow nowhere <five
echo '{"rules":[{"operations":["auth"],"keys":["IRK","RKSSSE"]}]}' >rules
status 'a card read by rules' 0 sh -c "SSCARD_KEYS='exec:$SERVE --allow \
    $W/rules' ss-read -r soft:p -o zhou --station m1"
status 'but none made' 1 sh -c "SSCARD_KEYS='exec:$SERVE --allow $W/rules' \
    exec ss-encode -q -o zhou --station m1 -r soft:c b.jsonl"

# --- clients that fail
{
	echo
	echo hello
	echo '[]'
	echo '{"v":2,"n":1,"op":"hello"}'
	echo '{"v":1,"n":0,"op":"hello"}'
	echo '{"v":1,"n":7,"op":"dump"}'
	echo '{"v":1,"n":8,"op":"hello","more":1}'
	q 9 auth IRK
	q 10 auth IRK ',"original":"1112"'
	q 11 wrap-pin STK ',"pin":"58291730x"'
	q 12 wrap-pin STK ',"pin": "58291730"'
	q 13 order STK ',"order":"reload_pin"'
	q 14 auth IRK "$original" 1101
	q 15 auth IRK "$original" 110100 330100
	q 16 auth IRK "$original" 110100 110100 2
	head -c 100000 /dev/zero | tr '\0' x
	echo
	printf '\000\377\n'
	echo '{"v":1,"n":17,"op":"hello"}'
} >bad
status 'requests that are none' 0 ask --log bad.log <bad
is 'have an error each' "$(codes)" 'invalid invalid invalid invalid invalid '\
'invalid invalid invalid invalid invalid invalid invalid invalid missing '\
'missing invalid invalid ok'
is 'with the number where there is one' "$(jq .n out | xargs)" \
    '0 0 0 1 0 7 8 9 10 0 12 13 14 15 16 0 0 17'
is 'and a line each' "$(wc -l <bad.log) $(jq -r .outcome bad.log | tail -n 1)" \
    '18 ok'
not_ok 'nothing that may be a PIN is repeated' grep -qa 58291730 out err bad.log
status 'no newline at the end' 0 sh -c 'printf "{\"v\":1}" | '"$SERVE"
is 'is no request' "$(cat out)" ''
# shellcheck disable=SC2016 # for the shell that is called
status 'a client that does not read' 0 sh -c '(eval "$1"; echo $? >ended) \
    <fifteen | true; cat ended' sh "$SERVE"
is 'is no failure' "$(cat out)" 0

# --- a log that cannot be written
status 'a log in no folder' 3 ask --log none/log <five
status 'a log that is no file' 2 ask --log /dev/full <five
echo '{}' >open.log
chmod 644 open.log
status 'a log that others may read' 3 ask --log open.log <five
like 'the cure' "$(cat err)" 'chmod 600'
ln -s "$W/elsewhere" link.log
status 'a link' 3 ask --log link.log <five
not_ok 'is not followed' test -e elsewhere
(umask 077 && head -c 1000 /dev/zero | tr '\0' '\n' >full.log)
status 'a full one' 3 sh -c "ulimit -f 1
    exec ss-key serve -k $FILE --passphrase-fd 3 --log full.log <fifteen \
    3<passphrase >answers"
like 'stops the service' "$(cat err)" 'the log cannot be written'
is 'and the client is told' "$(tail -n 1 answers | jq -r '.error.code')" io
is 'in its place' "$(jq -r '.auth // empty' answers | wc -l)" 0
done_testing
