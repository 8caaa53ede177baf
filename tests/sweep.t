#!/bin/sh
# Kills at any moment of every command's run, a server that goes and comes
# back, crowds; see sweep.sh.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/postgres.sh
. "$SS_TOP/tests/postgres.sh"
# shellcheck source=tests/sweep.sh
. "$SS_TOP/tests/sweep.sh"

killed() { # COMMAND
	measure "$1"
	wrong='' cut=0
	for i in $(seq $kills); do
		restore "$(base "$1")"
		dice 0.002 "$span"
		timeout -s KILL "$dice" sh -c "$(line "$1")" >part 2>/dev/null
		[ $? != 137 ] || cut=$((cut + 1))
		settle "$1"
		[ -z "$wrong" ] || break
	done
	is "$engine, $1: $i kills, $cut of them in mid-run" "$wrong" ''
}

# The server goes and comes back.
stopped() { # COMMAND
	measure "$1"
	restore "$(base "$1")"
	sh -c "$(line "$1")" >part 2>err &
	pid=$!
	hit=0
	for i in $(seq $stops); do
		kill -0 $pid 2>/dev/null || break
		dice 0.005 "$(echo "$span" | awk '{ print $1 / 3 }')"
		# Until it ends, or for so long.
		timeout "$dice" tail --pid=$pid -f /dev/null
		! kill -0 $pid 2>/dev/null || hit=$((hit + 1))
		[ $((i % 2)) = 0 ] && mode=fast || mode=immediate
		pg_stop "$mode"
		pg_start
	done
	wait $pid
	end=$?
	wrong=''
	[ $end = 0 ] || [ $end = 3 ] || [ $end = 1 ] ||
		wrong="status $end: $(head -n 1 err);"
	settle "$1"
	is "$engine, $1: the server ended $hit times, status $end" "$wrong" ''
}

# Eight who claim and eight who apply, then four who make cards.
together() { # PIDS: none failed
	bad=''
	for p; do
		wait "$p" || bad="$bad $?"
	done
}
claims() { # STATION: until there are no more
	n=0
	while [ $n -lt 200 ] && ss-claim -q --station "$1" 7 >page &&
	    [ -s page ]; do
		cat page
		n=$((n + 1))
	done
}
crowded() {
	whole_forms $crowd 10000 >forms
	restore empty
	ss-apply -q -o wang forms |
	    ss-verify -q -o li --attest likeness,bareheaded,face >approved
	whole_forms $crowd 20000 >forms
	pids=''
	for i in 1 2 3 4 5 6 7 8; do
		mkdir -p "c$i"
		(cd "c$i" && claims "s$i" >claimed) 2>"c$i.err" &
		pids="$pids $!"
		ss-apply -q --station "a$i" forms >"applied$i" 2>"a$i.err" &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # words
	together $pids
	is "$engine: 16 at once, none fails" "$bad$(cat c?.err a?.err)" ''
	# One who found the rest in another's hands has ended; not all of it.
	for i in 1 2 3 4 5 6 7 8; do
		(cd "c$i" && claims "s$i" >>claimed)
	done
	is "$engine: each application is claimed once" \
	    "$(cat c?/claimed | jq -r .id | sort | cksum)" \
	    "$(jq -r .id approved | sort | cksum)"
	is "$engine: each form is one application, for all the same" \
	    "$(cat applied? | jq -r 'select(.error | not) | .id' | sort -u |
	    wc -l) $(cat applied? | jq -c 'select(.already | not)' | wc -l)" \
	    "$crowd $crowd"
	bad=''
	for first in 1 5; do
		pids=''
		for i in $(seq $first $((first + 3))); do
			SSCARD_STATION=s$i make-card <"c$i/claimed" \
			    >"made$i" 2>"m$i.err" &
			pids="$pids $!"
		done
		# shellcheck disable=SC2086 # words
		together $pids
		is "$engine: four make cards at once" "$bad$(cat m?.err)" ''
	done
	is "$engine: each card has a number of its own" \
	    "$(cat made? | jq -r .card.number | sort -u | wc -l)" "$crowd"
	# All four over the same, not claimed: what one has, another refuses.
	ss-registry --state applied list |
	    ss-verify -q -o li --attest likeness,bareheaded,face >approved
	pids=''
	for i in 1 2 3 4; do
		SSCARD_STATION=t$i make-card <approved >"both$i" 2>/dev/null &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # words
	together $pids
	ss-registry --state making list |
	    make-card >>both1 2>/dev/null	# where two met
	is "$engine: four over the same make each card once" \
	    "$(ss-registry --state made list | jq -r .card.number | sort -u |
	    wc -l) $(cat both? | jq -r .id | sort | uniq -d | wc -l)" \
	    "$((2 * crowd)) 0"
	is "$engine: all is sound after the crowd" "$(sound)" ''
}

begin sqlite
prepare
for c in $all; do
	[ "$c" = apply ] || killed "$c"		# books.t does
done
crowded
if pg_there; then
	begin postgresql
	prepare
	for c in $all; do
		killed "$c"
	done
	for c in $restarts; do
		stopped "$c"
	done
	crowded
else
	skip 'the same in PostgreSQL' 'PostgreSQL is not installed'
fi
done_testing
