# What the tests of chips begin with, to be sourced after cards.sh: a key store
# with the test keys of Beijing, blank software cards, ss-encode and ss-read.

# shellcheck shell=sh
# shellcheck disable=SC2317,SC2034 # reached and used by those who source it
echo 'a passphrase of the tests' >passphrase
export SSCARD_KEYS="file:$W/keys"
secret() { # COMMAND...: the passphrase comes from a descriptor
	"$@" --passphrase-fd 3 3<"$W/passphrase"
}
secret ss-key test 110100 --work 10 >key.log 2>&1 || exit 1

chip() { # NAME [OPTION...]: a blank software card of Beijing
	ss-softcard new "$@" --region 110101
}
encode() { # CARD [OPTION...]: records of standard input
	_card=$1
	shift
	secret at "$NOW" ss-encode -q -o zhou --station m1 -r "soft:$_card" "$@"
}
read_card() { # CARD [OPTION...]: with the keys
	_card=$1
	shift
	secret at "$NOW" ss-read -r "soft:$_card" "$@"
}
approved() { # ID NUMBER [JQ]: an approved application, in ID.jsonl
	form "$@" | approve >"$1.jsonl"
}
made() { # ID NUMBER SERIAL [JQ [OPTION...]]: ID.jsonl, and its chip ID.chip
	approved "$1" "$2" "${4:-}"
	_id=$1 _serial=$3
	shift 3
	[ $# = 0 ] || shift
	chip "$_id.chip" --serial "$_serial" "$@"
	encode "$_id.chip" "$_id.jsonl" >made && mv made "$_id.jsonl"
}
collected() { # the same
	made "$@"
	collect <"$1.jsonl" >made && mv made "$1.jsonl"
}
activate() { # CARD [OPTION...]: of standard input
	_card=$1
	shift
	secret at "$NOW" ss-activate -o zhang --station c1 -r "soft:$_card" "$@"
}
# Data of this test's own: the nation's policy changed by jq. A later call
# begins with what was shipped.
own_policy() { # JQ
	: "${_data_shipped:=$SSCARD_DATA}"
	[ -d "$W/data" ] || cp -R "$_data_shipped" "$W/data" || exit 1
	export SSCARD_DATA="$W/data"
	jq "$1" "$_data_shipped/policies/00.json" >"$W/data/policies/00.json"
}
on_card() { # CARD FILE: its items, without tag and length, in one line
	ss-softcard show "$1" | jq -r --arg f "$2" \
	    '.files[$f] | [.[] | .[4:]] | join(" ")'
}
tries_of() { # CARD
	ss-softcard show "$1" | jq -c .tries
}
FULL='{"STK":3,"UKSSSE":3,"BK":3,"PUK":3,"RKSSSE":3}'
# What became of the records in out: state and number, or the error's code.
came() {
	jq -r 'if .error then .error.code else .state + " " +
	    (.card.number // "-") + (if .already then " already" else "" end)
	    end' "$W/out" | paste -sd,
}
# A register's row of an application's job, or of a card's tries.
row() { # TABLE JQ
	ss-registry export | jq -r --arg t "$1" "select(.table == \$t) | $2"
}
