#!/bin/sh
# ss-activate: cards that were lost, that have their initial PIN, that ship
# locked, or that take another one's place.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cards.sh
. "$SS_TOP/tests/cards.sh"
# shellcheck source=tests/chips.sh
. "$SS_TOP/tests/chips.sh"

run() { # STATUS CARD ARGUMENTS...
	_want=$1
	shift
	status "status of ss-activate $*" "$_want" activate "$@"
}
life() { # CARD
	ss-softcard show "$1" | jq -r .state
}
active() { # ID...: its state, its card's status
	where "$@" | jq -r '.state + " " + .status' | xargs
}

for n in 1 2 3 4; do
	id=$(echo "$n" | tr 1-4 ADEF)
	collected "$id" "$(citizen 110101 19900307 "88$n")" "$n"
done
for id in A D F; do
	activate $id.chip -q --attest identity <$id.jsonl >made &&
	    mv made $id.jsonl
done
activate E.chip -q --attest identity <E.jsonl >made

# --- ended and lost
at "$NOW" ss-cancel -q --reason death F.jsonl >cancelled
run 0 F.chip --attest identity cancelled
is 'a cancelled one passes' "$(cmp out cancelled && sed 's/.*: //' err)" \
    '1 passed untouched'
cp -r "$SSCARD_DATA" data
chmod -R u+w data
lose() { # ID KIND
	at "$NOW" ss-report-loss -q --kind "$2" "$1.jsonl" >lost
}
policy() { # MEMBERS
	echo "$1" >data/policies/1101.json
}
lose A temporary
run 1 A.chip --attest identity
is 'a card that is lost for now' "$(said)" \
    'state: this card is temporarily-lost; keep it, and tell its holder'
lose A formal
run 1 A.chip --attest identity A.jsonl
is 'one that is lost' "$(said) $(life A.chip)" \
    'state: this card is lost; keep it, and tell its holder open'
export SSCARD_DATA="$W/data"
policy '{"loss": {"lock_found": true}}'
run 1 A.chip -n --attest identity A.jsonl
is 'a dry run locks nothing, and does not say so' \
    "$(said) $(life A.chip) $(where A | jq -r .step)" \
    'state: this card is lost; keep it, and tell its holder open lose'
run 1 A.chip A.jsonl
is 'locked where the policy says so' "$(said) $(life A.chip)" 'state: this '\
'card is lost and now locked; keep it, and tell its holder blocked'
is 'the register has when' "$(now A | jq -c '[.state, .loss.status,
    .loss.locked]')$(where A | jq -r .step)" \
    '["active","lost","2026-03-02T01:00:00Z"]lock-found'
n=$(ss-registry history A | wc -l)
run 1 A.chip A.jsonl
is 'once' "$(ss-registry history A | wc -l) $(life A.chip)" "$n blocked"
lose E temporary
run 1 D.chip E.jsonl
is 'not the card of another' "$(said) $(life D.chip)" 'state: the card in '\
'the reader is that of application D, not of this record open'
run 1 E.chip
is 'one lost for now, the card first' "$(life E.chip) $(now E |
    jq -c '[.loss.status, .loss.until, .loss.locked]')" 'blocked ["'\
'temporarily-lost","2026-03-12T01:00:00Z","2026-03-02T01:00:00Z"]'

# --- the initial PIN
g=$(citizen 110101 19900307 893)
collected G "$g" 7
for before in none use activation; do
	policy "{\"pin\": {\"before\": \"$before\"}}"
	case $before in
	activation)
		run 1 G.chip --attest identity G.jsonl
		is 'the initial PIN is to be changed' "$(said)" 'policy: '\
'pin.before: the initial PIN is to be changed before activation; run ss-setpin'
		;;
	*)
		run 0 G.chip -n --attest identity G.jsonl
		;;
	esac
done
jq -c '.pin.changed = "2026-03-02T01:00:00Z"' G.jsonl >in
run 1 G.chip --attest identity in
is 'the register is asked, not the record' "$(said)" \
    'auth: has members that the register does not know; take out what was added'
policy '{}'

# --- cards that ship locked, and one that is locked without that
lock() { # CARD ID: by books of its own, so that these know nothing of it
	mkdir aside && cp registry.db* aside
	activate "$1" -q -g "$W/aside/registry.db" --attest identity \
	    <"$2.jsonl" >aside/record
	secret at "$NOW" ss-report-loss -q -g "$W/aside/registry.db" --lock \
	    -r "soft:$1" aside/record >out
	rm -r aside
}
lock G.chip G
run 1 G.chip --attest identity G.jsonl
is 'a locked card' "$(said) $(life G.chip)" 'blocked: the card'"'"'s '\
'application is blocked, and profile gen3 has cards that are not; it '\
'cannot be activated: run ss-cancel, and make another blocked'
jq '.ships_locked = true' data/profiles/gen3.json >new &&
    mv new data/profiles/gen3.json
run 0 G.chip -n --attest identity G.jsonl
is 'a dry run opens nothing' "$(life G.chip) $(active G)" \
    'blocked collected dormant'
run 1 G.chip G.jsonl
is 'nor does who is not identified' "$(life G.chip)" blocked
ss-softcard hook G.chip --leave-before 10
run 1 G.chip --attest identity G.jsonl
is 'one that leaves on the way' "$(life G.chip) $(active G)" \
    'blocked collected dormant'
run 0 G.chip --attest identity G.jsonl
is 'opened where cards ship so' "$(life G.chip) $(active G)" \
    'open active normal'
jq '.ships_locked = false' data/profiles/gen3.json >new &&
    mv new data/profiles/gen3.json

# --- a card in another one's place
lose D formal
at "$NOW" ss-reissue -q --reason lost lost |
    at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face >N.jsonl
chip N.chip --serial 9
encode N.chip N.jsonl | collect >made && mv made N.jsonl
new=$(jq -r .id N.jsonl)
run 0 N.chip -n --attest identity N.jsonl
is 'a dry run leaves the old one' "$(active D "$new")" \
    'active lost collected dormant'
before=$(ss-registry history D | wc -l)
run 0 N.chip --attest identity
is 'the new one is in use, the old one cancelled' "$(active D "$new")" \
    'cancelled cancelled active normal'
is 'by one step each' "$(for id in D "$new"; do
	ss-registry history "$id" | tail -n 1 | jq -r .step
    done | xargs) $(($(ss-registry history D | wc -l) - before))" \
    'replace activate 1'
is 'and one number' "$(now D | jq -r .cancellation.reason)" replaced
run 0 N.chip --attest identity
is 'again: already' "$(jq .already out)" true
run 1 D.chip --attest identity
like 'the old card is to be kept' "$(said)" '^state: this card is cancelled'
run 0 D.chip --attest identity D.jsonl
is 'its record passes; nobody is named on standard error' "$(cat err)" \
    'ss-activate: 1 record: 1 passed untouched'
audit 'after all'
done_testing
