# The shell tests' harness, to be sourced: TAP, a folder of its own for each
# test file, made-up people and files. POSIX sh.
#
#   ok TEXT COMMAND...        the command succeeds
#   not_ok TEXT COMMAND...    it fails
#   is TEXT GOT WANT          two strings are equal
#   like TEXT GOT PATTERN     a string holds an extended regular expression
#   status TEXT WANT COMMAND...   its exit status; output in $W/out, $W/err
#   skip TEXT REASON          a counted skip; fails where NO_SKIP is set
#   done_testing              the plan, last

# shellcheck shell=sh
: "${SS_TOP:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${SS_BIN:=$SS_TOP/build/bin}"
: "${SS_TOOLS:=$SS_TOP/build/tools}"
export SSCARD_DATA="${SSCARD_DATA:-$SS_TOP/lib/data}"
PATH=$SS_BIN:$SS_TOOLS:/usr/bin:/bin
export PATH LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
unset SSCARD_REGION SSCARD_STATION SSCARD_OPERATOR \
	SSCARD_READER SSCARD_KEYS SSCARD_TRUST

# $W is this file's folder; the file store lies in it.
W=$(mktemp -d "${TMPDIR:-/tmp}/sscard-test.XXXXXX") || exit 1
at_end=:		# what else is to be ended, a command
trap '$at_end; chmod -R u+w "$W" 2>/dev/null; rm -rf "$W"' EXIT
trap 'exit 130' INT TERM HUP
# Only the tests of the register have one; the others say nothing of it.
export SSCARD_REGISTRY=none
export HOME="$W" XDG_STATE_HOME="$W/state" SSCARD_FILES="$W/files"
cd "$W" || exit 1

tests=0
failures=0

_result() { # GOOD TEXT
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
	fi
}

_show() { # NAME FILE: the first lines of a file as a comment
	[ -s "$2" ] && sed -n "1,12s/^/# $1: /p" "$2" | cut -c1-400
	return 0
}

ok() {
	_text=$1
	shift
	"$@" >"$W/out" 2>"$W/err"
	_status=$?
	_result "$_status" "$_text"
	if [ "$_status" != 0 ]; then
		echo "# status $_status of: $*"
		_show out "$W/out"
		_show err "$W/err"
	fi
}

not_ok() {
	_text=$1
	shift
	if "$@" >"$W/out" 2>"$W/err"; then
		_result 1 "$_text"
		echo "# succeeded: $*"
	else
		_result 0 "$_text"
	fi
}

status() {
	_text=$1
	_want=$2
	shift 2
	"$@" >"$W/out" 2>"$W/err"
	_status=$?
	if [ "$_status" = "$_want" ]; then
		_result 0 "$_text"
	else
		_result 1 "$_text"
		echo "# status $_status, not $_want, of: $*"
		_show out "$W/out"
		_show err "$W/err"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		_result 0 "$1"
	else
		_result 1 "$1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}

like() {
	if printf '%s\n' "$2" | grep -qE -- "$3"; then
		_result 0 "$1"
	else
		_result 1 "$1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}

skip() {
	tests=$((tests + 1))
	if [ -n "${NO_SKIP:-}" ]; then
		failures=$((failures + 1))
		echo "not ok $tests - $1 (no skip allowed: $2)"
	else
		echo "ok $tests - $1 # SKIP $2"
	fi
}

done_testing() {
	echo "1..$tests"
	[ "$failures" = 0 ]
	exit
}

# A citizen number with its check character: REGION6 YYYYMMDD SERIAL3.
citizen() {
	awk -v s="$1$2$3" 'BEGIN {
		split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", w, " ")
		for (i = 1; i <= 17; i++)
			n += w[i] * substr(s, i, 1)
		print s substr("10X98765432", n % 11 + 1, 1)
	}'
}
# As many of them, from another place on.
people() { # COUNT [FIRST]
	awk -v n="$1" -v from="${2:-0}" 'BEGIN {
		split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", w, " ")
		for (k = from; k < from + n; k++) {
			s = "110105" 1960 + int(k / 900) "0307" 100 + k % 900
			for (i = 1 + (t = 0); i <= 17; i++)
				t += w[i] * substr(s, i, 1)
			print s substr("10X98765432", t % 11 + 1, 1)
		}
	}'
}
# The shortest forms of people.
forms_of() { # COUNT [FIRST]
	people "$@" |
	    sed 's/.*/{"person":{"name":"王小明","id_number":"&"}}/'
}
# What killed processes under faketime left behind stands in the way of others
# that get their numbers.
_forget_dead() {
	for _f in /dev/shm/sem.faketime_sem_* /dev/shm/faketime_shm_*; do
		[ ! -e "$_f" ] || kill -0 "${_f##*_}" 2>/dev/null ||
		    rm -f "$_f"
	done
}
# Runs a command at another time.
at() { # INSTANT COMMAND...: UTC
	_at=$1
	shift
	_forget_dead
	# Deadlines are by a clock that runs on.
	TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 \
	    faketime -f "$_at" "$@"
}
audit() { # TEXT
	ok "$1: the audit is clean" ss-registry audit
}
