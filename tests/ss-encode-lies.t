#!/bin/sh
# ss-encode: a card that lies at any command: it is never taken for made when
# it is not, ss-encode never hangs, and the next run makes it.
# shellcheck disable=SC2317 # functions are called by others
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

files() { # CARD: all that stands on it
	ss-softcard show "$1" | jq -cS .files
}
# One lie in a folder of its own; says what was wrong.
lie() { # N=HEX
	rm -rf case
	mkdir case
	cp -R base case/card
	cp base.db case/registry.db
	SSCARD_REGISTRY=sqlite:$W/case/registry.db
	ss-softcard hook case/card --lie "$1"
	encode case/card --timeout 5 a.jsonl >out 2>err
	case "$? $(came)" in
	'0 made '*)
		[ "$(files case/card)" = "$made" ] ||
		    echo "$1: made, and is not; "
		return
		;;
	'1 '* | '3 '*)
		[ "$(ss-registry show a | jq -r .state)" != made ] ||
		    echo "$1: an error, and made; "
		;;
	*)
		echo "$1: $(came); "
		;;
	esac
	ss-softcard hook case/card --clear
	encode case/card --timeout 5 a.jsonl >out 2>err
	again=$(came)
	case $again,$2 in
	"made $number,"*) ;;
	auth,63c | blocked,63c) return ;;	# it said that a try was lost
	*) echo "$1: the next run: $again; " ;;
	esac
	[ "$(files case/card)" = "$made" ] || echo "$1: not finished; "
}

k=0
for g in 3 1; do
	own_policy ".card.generation = $g | .card.name_extension_bytes = \
$([ $g = 1 ] && echo 0 || echo 20)"
	[ $g = 3 ] || rm -rf base "$W"/registry.db*
	SSCARD_REGISTRY="sqlite:$W/registry.db"
	[ $g = 3 ] || ss-apply -q </dev/null 2>err
	approved a 110101198003071239
	chip base --serial 7 --profile gen$g
	sqlite3 registry.db 'PRAGMA wal_checkpoint(TRUNCATE)' >log
	cp registry.db base.db
	rm -rf good
	cp -R base good
	status "$g: the truth" 0 encode good --trace "truth.$g" a.jsonl
	made=$(files good)
	number=$(jq -r .card.number out)
	sent=$(grep -c '"c"' "truth.$g")
	like "$g: commands" "$sent" '^[2-9][0-9]$'
	# 9000 at each, of generation 1 at every third; others now and then.
	# make sweep tries them all.
	wrong='' n=0 cases=0
	while [ $n -lt "$sent" ]; do
		n=$((n + 1))
		if [ $g = 3 ] || [ $((n % 3)) = 0 ] ||
		    [ -n "${SS_SWEEP:-}" ]; then
			wrong=$wrong$(lie $n=9000)
			cases=$((cases + 1))
		fi
		for other in 6f00 90 63c1; do
			k=$((k + 1))
			[ $((k % 9)) = $g ] || [ -n "${SS_SWEEP:-}" ] ||
				continue
			wrong=$wrong$(lie $n=$other "${other%1}")
			cases=$((cases + 1))
		done
	done
	is "$g: $cases lies" "$wrong" ''
	SSCARD_REGISTRY="sqlite:$W/case/registry.db" audit "$g"
done
done_testing
