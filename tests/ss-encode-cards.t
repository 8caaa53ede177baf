#!/bin/sh
# ss-encode: the wrong card in the reader, cards that a run has begun, and
# those that are spoiled or let go.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

k=0
for id in a b c d e f g h i j; do
	k=$((k + 1))
	approved $id "$(people 1 $k)"
done
chips=0
new_chip() { # NAME [OPTION...]
	chips=$((chips + 1))
	chip "$@" --serial "$chips"
}
try() { # TEXT WANT CARD ID [OPTION...]: WANT is of came
	_what=$1 _came=$2 _chip=$3 _id=$4
	shift 4
	case $_came in made* | approved*) _s=0 ;; *) _s=1 ;; esac
	status "$_what" $_s encode "$_chip" --wait 1 "$@" "$_id.jsonl"
	like "$_what: $_came" "$(came)" "^$_came\$"
}
untouched() { # TEXT CARD COMMAND...: the card is as before
	_u=$1 _c=$2
	shift 2
	ss-softcard show "$_c" >before
	"$@"
	is "$_u: the card is as it was" "$(ss-softcard show "$_c")" \
	    "$(cat before)"
}
stock_of() { # ID
	row card "select(.id == \"$1\") | .number + \" \" + .stock" |
	    sort | paste -sd,
}
begin() { # CARD ID COMMANDS: the card leaves after so many
	ss-softcard hook "$1" --leave "$3"
	status "$2 is begun" 1 encode "$1" "$2.jsonl"
	like "$2: its card left" "$(said)" '^reader: .*left'
}

# --- a card has one record
new_chip one
cat a.jsonl b.jsonl >two.jsonl
status 'two records and one card' 1 encode one two.jsonl
is 'make one' "$(came)" 'made 000000019,state'
like 'and say whose it is' "$(said)" '^state: this card is that of application a'
is 'the error names the card' "$(jq -r 'select(.error) | .error.card.chip' out)" \
    "$(jq -r 'select(.card) | .card.chip' out)"

# --- what kind of card it is
new_chip gen2 --profile gen2
untouched 'another generation' gen2 try 'another generation' policy gen2 b
like 'both are named' "$(said)" 'generation 2, and card.generation .* is 3$'
try 'asked for by --profile' 'made 000000027' gen2 b --profile gen2
new_chip three
status 'a profile that is not' 2 encode three --profile gen9 c.jsonl
like 'is no profile' "$(cat err)" 'no card profile "gen9"'
try 'a profile of another card' card three c --profile gen2
cp -R "$SSCARD_DATA" more
jq '.select.name = "A000000003C9E7BBE1B1A3D5CF" | .note = "another"' \
    more/profiles/gen2.json >more/profiles/abroad.json
(SSCARD_DATA=$W/more; new_chip abroad --profile abroad) 2>err
ok 'a card from elsewhere' test -d abroad
status 'it is not one of ours' 1 encode abroad c.jsonl
like 'nor a card whose profile is gone' "$(said)$(cat err)" 'profile|not a social'
is 'nothing is bound' "$(stock_of c)" ''

# --- the card of another register
(
	export SSCARD_REGISTRY="sqlite:$W/other.db" SSCARD_STATION=d9
	ss-apply -q </dev/null
	approved x "$(people 1 99)"
	new_chip two
	encode two x.jsonl >x.out
	new_chip halfway
	ss-softcard hook halfway --leave 30
	approved y "$(people 1 98)"
	encode halfway y.jsonl >y.out
) 2>err
is 'another register made a card' "$(jq -r .state x.out)" made
for card in two halfway; do
	untouched "$card" $card try "not blank, and unknown: $card" card $card c
	like "$card: it is said" "$(said)" 'not blank, and the register does not'
done

# --- begun and swapped
chips=20
new_chip s1
new_chip s2
begin s1 c 30
begin s2 d 45
untouched 'swapped' s2 try 'the card of d for c' state s2 c
like 'names that application and its station' "$(said)" \
    'in the making for application d at station m1 since 2026-03-02T01:00:00Z'
untouched 'swapped back' s1 try 'the card of c for d' state s1 d
like 'names the other' "$(said)" 'for application c at station m1'
new_chip s3
untouched 'a blank one' s3 try 'a blank one for c' state s3 c
like 'the right one is named' "$(said)" \
    "identifier 110101d15600000500000015; show .*--spoil"
is 'no card was taken' "$(stock_of c) $(stock_of d)" \
    "$(row job 'select(.chip != "") | .number + " blank"' | xargs)"
number=$(row job 'select(.id == "c") | .number')
status 'another station has the card' 0 secret at "$NOW" ss-encode -q \
    -o zhou --station m2 -r soft:s1 c.jsonl
is 'and finishes it, same number' "$(came)" "made $number"
is 'the record says where' "$(jq -r .card.station out)" m2
try 'd at its own' 'made .*' s2 d
audit 'begun and finished'

# --- spoiled
new_chip bad
begin bad e 30
number=$(row job 'select(.id == "e") | .number')
try '--release of a card that is written' card bad e --release
like 'says what may be done' "$(said)" 'not blank any more.*--spoil'
status '--spoil and --release' 2 encode bad --spoil --release e.jsonl
status '--spoil takes neither reader nor keys' 0 sh -c \
    'unset SSCARD_KEYS; ss-encode -q -o zhou --station m1 --spoil e.jsonl'
is 'e is approved' "$(jq -c '[.state, .card, .error]' out)" \
    '["approved",null,null]'
status '--spoil again' 0 encode bad --spoil e.jsonl
is 'is already' "$(came)" 'approved - already'
is 'the card is spoiled' "$(stock_of e)" "$number spoiled"
untouched 'spoiled' bad try 'its own spoiled card' state bad e
like 'is told as such' "$(said)" 'this card was declared spoiled'
untouched 'spoiled' bad try 'and for another' state bad f
like 'is told as such there' "$(said)" 'declared spoiled .*application e;'
ss-softcard reset bad
untouched 'made blank' bad try 'although it is blank again' state bad e
new_chip good
try 'a new card' 'made .*' good e
not_ok 'with a new number' test "$(jq -r .card.number out)" = "$number"
like 'both cards are in the books' "$(stock_of e)" \
    "^$number spoiled,[0-9X]{9} made\$"
try 'the spoiled one later' state bad f
try '--spoil of a card that is made' state good e --spoil
like 'is another command' "$(said)" 'ss-cancel'
try '--spoil where none was begun' state good f --spoil

# --- let go
new_chip blank
try '--release without a card' state blank g --release
mkdir none none/in none/out
status 'which is said before one is wanted' 1 encode none --wait 30 \
    --release g.jsonl
like 'in a sentence' "$(said)" '^state: no card is bound'
at=$(encode blank g.jsonl --dry-run >/dev/null; echo 1)
while [ "$(row job 'select(.id == "g") | .chip')" = "" ] && [ "$at" -lt 40 ]; do
	at=$((at + 1))
	ss-softcard hook blank --clear
	ss-softcard hook blank --leave-before "$at"
	encode blank g.jsonl >out
done
number=$(row job 'select(.id == "g") | .number')
new_chip blank2
try 'bound, and another shown' state blank2 g --release
try '--release' approved.* blank g --release
is 'no card is bound' "$(row job 'select(.id == "g") | .chip')|$(stock_of g)" '|'
try 'the card is free for another' 'made .*' blank h
try 'and the record for another card' "made $number" blank2 g
audit 'in the end'

# --- what is not for making
form w "$(people 1 60)" | at "$NOW" ss-apply -q >w.jsonl
status 'an application that is not approved' 0 encode blank w.jsonl
is 'passes' "$(cmp out w.jsonl && echo same)" same
echo '{"v":1,"id":"nobody"}' >nobody.jsonl
try 'one that nobody knows' missing blank nobody
jq -c '.person.name = "李四"' i.jsonl >changed.jsonl
new_chip i
try 'one that was altered' auth i changed
like 'the member is named' "$(said)" 'person'
flock i -c 'ss-encode -q -o zhou --station m1 -r soft:i --passphrase-fd 3 \
    i.jsonl 3<passphrase >out 2>err; echo $? >code'
is 'a card that another process holds' "$(cat code) $(came)" '3 reader'
like 'is in use' "$(said)" 'in use'
try 'later it is made' 'made .*' i i
done_testing
