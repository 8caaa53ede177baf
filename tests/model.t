#!/bin/sh
# Random sequences of every command beside a model of the manual (model.py), on
# both engines. SS_MODEL_STEPS and SS_SEED set how many and which; a failure
# prints the seed, and the run that differs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/postgres.sh
. "$SS_TOP/tests/postgres.sh"
export SS_BIN SS_TOOLS
sqlite="sqlite:$W/registry.db"
steps=${SS_MODEL_STEPS:-1000}
if [ -n "${SS_SLOW:-}" ]; then
	steps=${SS_MODEL_STEPS:-60}
fi
# The same ones each time, but in the sweep.
seed=${SS_SEED:-1}
if [ -n "${SS_SWEEP:-}" ] && [ -z "${SS_SEED:-}" ]; then
	seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
fi
make-photo >p.jpg
printf one >one.pdf
printf two >two.pdf

model() { # ENGINE STEPS
	status "$1: $2 steps, seed $seed, are as the model says" 0 \
	    python3 "$SS_TOP/tests/model.py" --seed "$seed" --steps "$2"
	# A failure is shown whole: the seed, the run and what differs.
	if grep -q '^# .* steps, ' "$W/out"; then
		grep '^# ' "$W/out"
	else
		tail -n +13 "$W/out" | sed 's/^/# /' | cut -c1-1000
	fi
	[ "$2" -ge 10000 ] || return 0
	# So many meet everything that there is.
	is "$1: every command did its work" "$(for c in ss-apply ss-verify \
	    ss-claim ss-collect activate ss-report-loss ss-reissue ss-cancel \
	    ss-notify make-card; do
		grep -q "^$c done [1-9]" "$W/out" || echo "$c"
	    done)" ''
	is "$1: and met what fails and what is done" "$(for c in already auth \
	    missing state policy invalid; do
		for d in ss-collect ss-report-loss ss-reissue ss-cancel; do
			grep -q "^$d $c [1-9]" "$W/out" || echo "$d $c"
		done
	    done)" ''
}

report() { # URL ARGUMENTS...
	_url=$1
	shift
	at '2028-01-01 00:00:00' ss-report --format json -g "$_url" "$@"
}
compare() { # ARGUMENTS...: of ss-report
	report "$PG_URL" "$@" >ours
	report "$W/moved.db" "$@" >theirs
	# So few steps as under valgrind may leave nothing to count.
	[ -n "${SS_SLOW:-}" ] || ok "ss-report $*: has rows" test -s ours
	ok "ss-report $*: the same in both" cmp ours theirs
}

export SSCARD_REGISTRY="$sqlite"
model sqlite "$steps"
if pg_there; then
	pg_init
	export SSCARD_REGISTRY="$PG_URL"
	model postgresql "$steps"
	# What is counted of it is the same in either engine.
	ss-registry export >all.export
	ok 'it moves into SQLite' ss-registry -q -g "$W/moved.db" import \
	    all.export
	compare stats
	compare stats --by-day --by province
	compare stats --waits
	compare reconcile
	compare reconcile --hanging '1 day'
	compare stock
	compare stock --numbers
	compare losses
else
	skip 'the same in PostgreSQL' 'PostgreSQL is not installed'
fi

# What it found once, on its own.
export SSCARD_REGISTRY="$sqlite" SSCARD_OPERATOR=wang SSCARD_STATION=d1
rm -f registry.db*
jq -nc --arg n "$(citizen 110101 19900307 881)" '{person: {name: "王小明",
    id_number: $n, id_until: "长期", phone: "13800138000",
    address: "东城区1号"}, photo: "p.jpg",
    documents: {identity: "one.pdf"}}' >form
ss-apply -q form | ss-verify -q -o li --attest likeness,bareheaded,face \
    >approved
at '2026-03-01 09:00:00' ss-claim -q --station m1 --lease '1 hour' 1 >claimed
at '2026-03-01 10:00:00' ss-claim -q --station m1 --held 1 >out
is 'a claim holds at the instant that it names' "$(jq -r .id out)" \
    "$(jq -r .id approved)"
at '2026-03-01 10:00:00' ss-claim -q --station m2 --release approved >out
is 'also against another station that lets go of it' \
    "$(jq -r .error.code out)" state
ss-claim -q --station d1 1 | make-card >made
jq -c '.collector = .person | .collector |= {id_number, id_until}' made |
    ss-collect -q | activate >active
is 'collected, and the collector is not in the record' \
    "$(jq -c '[.state, .collector]' active)" '["active",null]'
jq -c '.change = {person: {phone: "13900139000"}}' active |
    ss-reissue -q --reason data-change >second
is 'a replacement is open' "$(jq -r .state second)" applied
jq -c '.change = {person: {phone: "13900139001"}}' active >third
ss-reissue -q --reason data-change third >out
is 'another one exists' "$(jq -r .error.code out)" exists
is 'which goes out as it came' "$(jq -c 'del(.error)' out)" \
    "$(jq -c . third)"
cat active second | ss-verify -q -o li --attest likeness,bareheaded,face >out
is 'a card in use is no duplicate of what replaces it' \
    "$(jq -r .state out | xargs)" 'active approved'
cat active active | ss-report-loss -q --kind formal >out
is 'two reports in a run are one' \
    "$(jq -r '[.loss.status, .already] | @csv' out | xargs)" 'lost, lost,true'
jq -c '.change = {person: {phone: "13900139000"}}' active |
    ss-reissue -q --reason data-change >out
is 'a replacement again, of an earlier form' \
    "$(jq -c '[.id, .already]' out)" "$(jq -c '[.id, true]' second)"
ok 'the audit is clean' ss-registry -q audit
done_testing
