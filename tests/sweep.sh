# What the sweeps share, to be sourced after lib.sh and postgres.sh: registers
# put aside at each stage of a card's way, the runs that begin there, and what
# must be true after any trouble: what was printed is in the register, what was
# not is done by the same run again, nothing is there twice, and all ends as
# without the trouble.
#
# make check runs a part, make sweep (SS_SWEEP=1) all; SS_SEED sets the moments.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2317 # used and reached by those who source it
export SSCARD_OPERATOR=kou SSCARD_STATION=k1

if [ -n "${SS_SWEEP:-}" ]; then
	many=700 kills=12 stops=12 crowd=800 rooms='4 40 300'
	restarts='apply verify claim make collect activate lose reissue cancel'
elif [ -n "${SS_SLOW:-}" ]; then
	many=20 kills=1 stops=1 crowd=24 rooms=40
	restarts='make'
else
	many=260 kills=1 stops=2 crowd=200 rooms=40
	restarts='apply make collect'
fi
seed=${SS_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"
turn=0
dice() { # FROM TO: a number between, with a fraction; in $dice
	turn=$((turn + 1))
	dice=$(awk -v s="$seed$turn" -v a="$1" -v b="$2" \
	    'BEGIN { srand(s); rand(); printf "%.4f", a + (b - a) * rand() }')
}

# Registers put aside and taken out again, whatever the engine.
begin() { # ENGINE
	engine=$1
	case $engine in
	sqlite) SSCARD_REGISTRY="sqlite:$W/registry.db" ;;
	*)
		pg_init
		SSCARD_REGISTRY=$PG_URL
		;;
	esac
	export SSCARD_REGISTRY
}
keep() { # NAME
	case $engine in
	sqlite)
		python3 -c 'import sqlite3
sqlite3.connect("registry.db").execute("pragma wal_checkpoint(truncate)")'
		cp registry.db "$1.db"
		;;
	*)
		pg_sql "create database $1 template sscard" template1
		;;
	esac
}
restore() { # NAME
	case $engine in
	sqlite)
		rm -f registry.db registry.db-wal registry.db-shm
		cp "$1.db" registry.db
		;;
	*)
		pg_sql 'drop database if exists sscard with (force)' template1
		pg_sql "create database sscard template $1" template1
		;;
	esac
}

# Forms of people that a review approves.
whole_forms() { # COUNT [FIRST]
	people "$@" | sed 's/.*/{"person":{"name":"王小明","id_number":"&",'\
'"id_until":"长期","phone":"13800138000","address":"1号"},'\
'"photo":"p.jpg","documents":{"identity":"one.pdf"}}/'
}
# Each application and the plastic as they stand, whatever the ids and times.
picture() {
	ss-registry export | jq -cS 'if .application then
	    [.record.person.social_number, .record.kind, .record.state,
	    .status, .claim != null, [.events[].step]]
	    else select(.table == "card") | [.stock] end' | sort
}
sound() { # prints what is wrong
	ss-registry -q audit 2>&1 | head -n 1
	ss-registry export | jq -r 'select(.table == "card") | .number' |
	    sort | uniq -d
}
printed() { # FILE: its records, without a last line that is torn
	grep '}$' "$1" | jq -cS 'select(.error | not) | del(.already)' \
	    2>/dev/null | sort
}
lost() { # FILE: how many were printed and are not in the register
	ss-registry list | jq -cS . | sort >there
	printed "$1" | comm -23 - there | wc -l
}

# The commands: what each runs, and the register that it begins with.
all='apply verify claim make collect activate lose reissue cancel'
line() { # COMMAND
	case $1 in
	apply) echo 'ss-apply -q -o wang forms' ;;
	verify) echo 'ss-verify -q -o li --attest likeness,bareheaded,face' \
	    applied ;;
	# What an earlier run has claimed, then the others.
	claim) echo 'ss-claim -q --held 9999 && ss-claim -q 9999' ;;
	# What is made it refuses.
	make) echo 'make-card <few 2>/dev/null; :' ;;
	collect) echo 'ss-collect -q made' ;;
	activate) echo 'activate -q collected' ;;
	lose) echo 'ss-report-loss -q --kind formal active' ;;
	reissue) echo 'ss-reissue -q --reason damaged --handed-in active' ;;
	cancel) echo 'ss-cancel -q --reason death active' ;;
	esac
}
work() { # COMMAND
	sh -c "$(line "$1")"
}
base() { # COMMAND
	case $1 in
	apply) echo empty ;;
	verify) echo applied ;;
	claim | make) echo approved ;;
	collect) echo made ;;
	activate) echo collected ;;
	*) echo active ;;
	esac
}
prepare() { # all the registers
	whole_forms $many >forms
	[ "$engine" != sqlite ] || rm -f registry.db*
	ss-apply -q </dev/null
	keep empty
	work apply >applied
	keep applied
	work verify >approved
	head -n $((many / 4 + 1)) approved >few
	keep approved
	make-card <approved | jq -c '.collector = (.person |
	    {id_number, id_until})' >made
	keep made
	work collect >collected
	keep collected
	work activate >active
	keep active
	is "$engine: $many cards to try it with" \
	    "$(jq -r 'select(.error | not) | .state' active | uniq -c | xargs)" \
	    "$many active"
}

# What the run is to end as, and how long it takes: picture want, $span in
# seconds.
measure() { # COMMAND
	restore "$(base "$1")"
	from=$(date +%s%N)
	work "$1" >whole
	span=$(date +%s%N | awk -v a="$from" '{ print ($1 - a) / 1e9 }')
	picture >want
}
# After the trouble: all that was said, in $wrong.
settle() { # COMMAND, part being what it printed
	n=$(lost part)
	[ "$n" = 0 ] || wrong="$wrong $n printed and not there;"
	wrong="$wrong$(sound)"
	work "$1" >again 2>err || wrong="$wrong again: $(head -n 1 err);"
	picture >got
	cmp -s got want || wrong="$wrong ends otherwise;"
	wrong="$wrong$(sound)"
}

make-photo >p.jpg
printf one >one.pdf
