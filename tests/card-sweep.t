#!/bin/sh
# Works with a card, disturbed at every command that goes to it
# (card-sweep.py): make check tries some, make sweep (SS_SWEEP=1) all.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

seed=${SS_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"
sweep() { # WORK CASES
	set -- "$@" --seed "$seed" --cases
	[ -z "${SS_SLOW:-}" ] || set -- "$1" 1 "$3" "$4" "$5"
	[ -z "${SS_SWEEP:-}" ] || set -- "$1" 0 "$3" "$4" "$5"
	for generation in 1 2 3; do
		ok "$1, generation $generation, disturbed" python3 \
		    "$SS_TOP/tests/card-sweep.py" "$3" "$4" "$5" "$2" "$1" \
		    $generation
		sed 's/^/# /' "$W/out"
	done
}

sweep encode 16
for work in activate setpin reset unblock lock unlock; do
	sweep $work 4
done
done_testing
