#!/bin/sh
# ss-encode --loop --all: several readers, each with its own card, and one
# stream of records: every record once, in order, whatever a reader does.
# shellcheck disable=SC2317,SC2094,SC2012 # by way of status; names are ours
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

all() { # [OPTION...]: with clocks that go on
	FAKETIME_DONT_FAKE_MONOTONIC=1 secret at "$NOW" timeout 60 ss-encode \
	    -o zhou --station m1 --loop --all "$@"
}
run() { # STATUS [OPTION...]
	_want=$1
	shift
	status "status of ss-encode --loop --all $*" "$_want" all "$@"
}
feeders() { # COUNT CARDS: pile1, pile2 ...
	rm -rf pile?
	_n=1
	while [ "$_n" -le "$1" ]; do
		serial=$((serial + 100))
		ss-softcard new "pile$_n" --feeder --count "$2" --serial $serial \
		    --region 110101
		_n=$((_n + 1))
	done
}
serial=1000
ids() { # FILE: in order, with what became of them
	jq -r '.id + " " + (.error.code // .state)' "$1" | xargs
}
codes() {
	jq -r '.error.code // .state' out | sort | uniq -c | xargs
}
order() { # TEXT FILE
	is "$1: the order is kept" "$(jq -r .id out | xargs)" \
	    "$(jq -r .id "$2" | xargs)"
}
numbers() { # TEXT: each made record has a number and a chip of its own
	is "$1: no number twice" "$(jq -r 'select(.card) | .card.number,
	    .card.chip' out | sort | uniq -d)" ''
}
took() { # READER...: how many each made, by what it said
	for _r in "$@"; do
		grep -c "$_r: application .* made" err
	done
}
batch() { # NAME COUNT: approved records
	people "$2" "$from" | jq -Rc --arg b "$1" '{id: ($b +
	    (input_line_number | tostring)), region: "110101", photo: "p.jpg",
	    documents: {identity: "one.pdf"}, person: {name: "张三",
	    id_number: ., id_until: "长期", phone: "13800138000",
	    address: "东城区1号"}}' | approve >"$1"
	from=$((from + $2))
}
from=0

run 2 -r 'soft:pile*' --spoil /dev/null
status 'without --loop' 2 ss-encode --all /dev/null

# --- as many as there are, on every reader
feeders 3 10
batch a 24
run 0 -r 'soft:pile*' a
is 'all are made' "$(codes)" '24 made'
order 'three readers' a
numbers 'three readers'
is 'every reader had its share' "$(for f in pile1 pile2 pile3; do
	ls $f/out | wc -l; done | awk '{ n += $1; if ($1 > 0) m++ }
	END { print n, m }')" '24 3'
not_ok 'nothing of a person is said' grep -qE '[0-9]{17}|张三' err
run 0 -r 'soft:pile*' a
is 'again: already' "$(jq -c .already out | uniq -c | xargs)" '24 true'
feeders 3 10
batch t 6
awk '{ print; print; print }' t >thrice
run 0 -r 'soft:pile*' thrice
is 'each three times: one card each' "$(jq -c '[.state, .already]' out | sort |
    uniq -c | xargs)" '6 [made,null] 12 [made,true]'
is 'and no other is used' "$(echo pile?/out/* | wc -w)" 6

# --- more readers than records
feeders 3 2
batch b 1
run 0 -r 'soft:pile*' --wait 50 b
is 'ends at once' "$(ids out)" 'b1 made'

# --- a card that falls silent, one that leaves, a pile of wrong ones
feeders 3 6
batch c 12
ss-softcard hook pile2/in/0001 --mute 9
run 1 -r 'soft:pile*' --timeout 1 c
is 'a silent one: the others go on' "$(codes)" '11 made 1 reader'
order 'a silent one' c
numbers 'a silent one'
like 'its record says so' "$(said)" '^reader: '
feeders 2 6
batch d 8
ss-softcard hook pile1/in/0002 --leave 20
ss-softcard hook pile2/in/0001 --leave-before 15
run 3 -r 'soft:pile*' --wait 1 d
is 'two that leave, and stay in the way' "$(codes)" '1 made 7 reader'
order 'two that leave' d
feeders 2 6
rm -r pile2
ss-softcard new pile2 --feeder --count 6 --serial 50 --region 110101 \
    --profile gen2
batch e 5
run 1 -r 'soft:pile*' --wait 1 e
is 'wrong cards are put away' "$(codes) $(took soft:pile1 soft:pile2 | xargs)" \
    '4 made 1 reader 4 0'
order 'wrong cards' e

# --- cards run out
feeders 2 2
batch f 6
run 3 -r 'soft:pile*' --wait 1 f
is 'four cards, six records' "$(codes)" '4 made 2 reader'
order 'too few cards' f
like 'those are not tried' "$(said | tail -n 1)" 'not tried'
rm -rf pile?
run 2 -r "soft:pile*" f
like 'no reader at all' "$(cat err)" 'no reader|fits'

# --- one that another process has
feeders 2 6
batch g 4
mkfifo go
flock pile1 sh -c 'cat >/dev/null' <go &
holder=$!
exec 5>go
run 0 -r 'soft:pile*' --wait 2 g
is 'the other one works' "$(codes)" '4 made'
exec 5>&-
wait "$holder"

# --- records that come one by one, and ss-claim
feeders 2 6
batch h 4
mkfifo slow made
ss-encode -q --loop --all -o zhou --station m1 -r 'soft:pile*' \
    --passphrase-fd 3 3<passphrase <slow >made &
pid=$!
exec 6>slow 7<made
: >seen
while read -r line; do
	printf '%s\n' "$line" >&6
	read -r answer <&7
	printf '%s\n' "$answer" >>seen
done <h
exec 6>&-
wait $pid
is 'one by one: the end is 0' $? 0
exec 7<&-
is 'each went out before the next came in' "$(ids seen)" \
    'h1 made h2 made h3 made h4 made'
batch i 6
feeders 3 3
at "$NOW" ss-claim -q --station m1 6 >claimed 2>err
ok 'ss-claim gives' test "$(wc -l <claimed)" = 6
run 0 -r 'soft:pile*' claimed
is 'what was claimed is made' "$(codes)" '6 made'

# --- interrupted
feeders 2 3
batch j 12
env --default-signal=INT ss-encode --loop --all -o zhou --station m1 \
    -r 'soft:pile*' --wait 30 \
    --passphrase-fd 3 j 3<passphrase >out 2>err &
pid=$!
until [ "$(find pile1/out pile2/out -mindepth 1 -maxdepth 1 | wc -l)" -ge 6 ]; do
	:
done
kill -INT $pid
wait $pid
is 'SIGINT while it waits: the status' $? 130
order 'SIGINT' j
like 'the others are not tried' "$(codes)" '^6 io 6 made$'
audit 'after all'
done_testing
