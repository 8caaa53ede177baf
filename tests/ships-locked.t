#!/bin/sh
# Cards that leave the maker's desk locked, and are opened by their activation
# (ships_locked of a profile).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

own_policy .
jq '.ships_locked = true' "$SSCARD_DATA/profiles/gen3.json" >new &&
    mv new "$SSCARD_DATA/profiles/gen3.json"
life() { # CARD
	ss-softcard show "$1" | jq -r .state
}
approved a1 "$(citizen 110101 19800307 123)"
chip c1
status 'it is made' 0 encode c1 a1.jsonl
is 'and locked' "$(life c1) $(tries_of c1)" "blocked $FULL"
status 'again' 0 encode c1 a1.jsonl
is 'is already' "$(came)" 'made 000000019 already'

# Cut off at each command from the last write on: the next run ends alike.
approved a2 "$(citizen 110101 19800307 131)"
last=$(now a1 | jq .card.apdus)
for n in $((last - 2)) $((last - 1)) $last; do
	rm -rf c2 && chip c2 --serial 77
	cp registry.db before.db
	ss-softcard hook c2 --leave "$n"
	status "it leaves at $n" 1 encode c2 a2.jsonl
	status 'the next run' 0 encode c2 a2.jsonl
	is 'made and locked' "$(came) $(life c2)" 'made 000000027 blocked'
	rm -f registry.db-wal registry.db-shm
	[ "$n" = "$last" ] || cp before.db registry.db
done

ss-registry show a1 | collect >/dev/null
status 'it is activated' 0 secret at "$NOW" ss-activate -q -o sun -r soft:c1 \
    --attest identity
is 'and open' "$(life c1) $(where a1 | jq -r '.state + " " + .status')" \
    'open active normal'
audit 'in the end'
done_testing
