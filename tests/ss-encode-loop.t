#!/bin/sh
# ss-encode: card after card (--loop) from a feeder, cards that leave or fall
# silent in the midst, signals while it waits, and what it says.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

forms_of 12 | jq -c '. + {id: ("r" + (input_line_number | tostring)),
    region: "110101", photo: "p.jpg", documents: {identity: "one.pdf"}} |
    .person += {name: "张三", id_until: "长期", phone: "13800138000",
    address: "东城区1号"}' | approve >all.jsonl
some() { # FROM TO
	sed -n "$1,$2p" all.jsonl
}
feeder() { # NAME COUNT SERIAL
	ss-softcard new "$1" --feeder --count "$2" --serial "$3" \
	    --region 110101
}
pile() { # FEEDER: what lies on both sides
	echo "$(cd "$1/in" && echo *) -> $(cd "$1/out" && echo *)" |
	    tr -d '*'
}
loop() { # FEEDER [OPTION...]: it may say something
	_feeder=$1
	shift
	secret at "$NOW" ss-encode -o zhou --station m1 -r "soft:$_feeder" \
	    --loop "$@"
}
silent() { # TEXT: nobody's number or name on standard error
	not_ok "$1: nothing of a person" grep -qE '[0-9]{17}|张三' err
}

# --- as many as there are records
feeder f1 3 1
some 1 2 >two
status 'two records, three cards' 0 loop f1 --wait 1 two
is 'two are made' "$(came)" 'made 000000019,made 000000027'
is 'the third card stays' "$(pile f1)" '0003 -> 0001 0002'
is 'one each' "$(jq -r .card.chip out | tail -c 9 | sort -u | wc -l) $(
    jq -r '.card.identifier[16:24]' out | xargs)" '1 00000001 00000002'
silent 'a loop'
status 'again' 0 loop f1 --wait 1 two
is 'no card is used' "$(came) $(pile f1)" \
    'made 000000019 already,made 000000027 already 0003 -> 0001 0002'

# --- too few cards
some 3 5 >three
status 'three records, one card' 3 loop f1 --wait 1 three
is 'every record is out' "$(came)" 'made 000000035,reader,reader'
is 'in order' "$(jq -r .id out | xargs)" 'r3 r4 r5'
like 'the first one without was waited for' \
    "$(jq -r 'select(.id == "r4") | .error.message' out)" \
    '^no card came within 1 seconds'
like 'the next one was not tried' \
    "$(jq -r 'select(.id == "r5") | .error.message' out)" 'not tried'
like 'the operator is told what to do' "$(cat err)" \
    'put in a blank card for application r4'
like 'and that it stopped' "$(cat err)" 'stopped'
silent 'too few'
feeder f2 2 10
status 'the next run' 0 loop f2 --wait 1 three
is 'makes what is left' "$(came | sed 's/0000000//g')" \
    'made 35 already,made 43,made 51'

# --- wrong cards in the pile
feeder f3 5 20
rm -rf f3/in/0001 f3/in/0003
cp -R f1/out/0001 f3/in/0001			# one that is made
chip f3/in/0003 --profile gen2 --serial 30
some 6 7 >two
status 'two wrong cards in the pile' 0 loop f3 --wait 1 two
is 'are put aside' "$(came | sed 's/ 0000000../ N/g') $(pile f3)" \
    'made N,made N 0005 -> 0001 0002 0003 0004'
like 'it is told why' "$(cat err)" 'this card is that of application r1'
like 'of each' "$(cat err)" 'the card is of generation 2'
silent 'wrong cards'
feeder f4 2 40
rm -rf f4/in/0001
cp -R "$SSCARD_DATA" more
jq '.match.versions = ["2.09"]' more/profiles/gen2.json \
    >more/profiles/strange.json
(SSCARD_DATA=$W/more; chip f4/in/0001 --profile strange --serial 50)
jq '.profile = "gen2"' f4/in/0001/card.json >card && mv card f4/in/0001/card.json
some 8 8 >eighth
status 'a card of an unknown version' 0 loop f4 --wait 1 eighth
is 'is put aside too' "$(came | sed 's/ 0000000../ N/') $(pile f4)" \
    'made N  -> 0001 0002'

# --- --rejects
feeder f5 1 60
some 9 10 >two
status '--rejects' 3 loop f5 --wait 1 --rejects rejects two
is 'standard output has the good ones' "$(jq -r .id out)" r9
is 'the file the others' "$(jq -r '.id + " " + .error.code' rejects)" \
    'r10 reader'
is 'for its owner alone' "$(stat -c %a rejects)" 600

# --- silence
some 10 12 >three
chip mute --serial 70
ss-softcard hook mute --mute 30
start=$(date +%s)
status 'a card that falls silent' 3 encode mute --timeout 1 three
like 'is not waited for' $(($(date +%s) - start)) '^[0-5]$'
is 'all records are out' "$(came) $(jq -r .id out | xargs)" \
    'reader,reader,reader r10 r11 r12'
like 'it is said' "$(said | head -n 1)" '^reader: .*no answer in time'
like 'and to the operator' "$(cat err)" 'stopped.*no answer in time'
number=$(row job 'select(.id == "r10") | .number')
sed -n 1p three >tenth
status 'the next run' 0 encode mute tenth
is 'finishes it' "$(came)" "made $number"

# --- signals
mkdir -p none/in none/out
some 11 12 >two
for signal in INT TERM; do
	case $signal in INT) status=130 ;; *) status=143 ;; esac
	mkfifo said.$signal
	timeout 20 sh -c 'exec 3<passphrase; exec ss-encode -o zhou \
	    --station m1 -r soft:none --loop --passphrase-fd 3 two' \
	    >out 2>said.$signal &
	pid=$!
	exec 5<said.$signal
	read -r line <&5
	like "$signal: it waits" "$line" 'put in a blank card'
	kill -$signal "$(ps -o pid= --ppid $pid | tr -d ' ')"
	wait $pid
	is "$signal: its status" $? $status
	cat <&5 >err
	exec 5<&-
	is "$signal: every record is out" "$(jq -r .id out | xargs)" 'r11 r12'
	like "$signal: the first was waiting" "$(said | head -n 1)" \
	    '^reader: interrupted while waiting'
	like "$signal: the next one" "$(said | tail -n 1)" 'not tried'
done
is 'nothing is bound' "$(row job 'select(.chip != "") | .id')" ''
audit 'in the end'
done_testing
