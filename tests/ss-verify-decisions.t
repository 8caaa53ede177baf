#!/bin/sh
# ss-verify --decisions: a reviewer's answers to single checks.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/review.sh
. "$SS_TOP/tests/review.sh"

# Decisions.
cat >decisions <<'EOF'
{"id":"A","check":"likeness","ok":false,"note":"another person"}
{"id":"A","check":"face","ok":true}
{"id":"B","check":"face","ok":true}
EOF
run 0 -o li --attest likeness,bareheaded,face --decisions decisions applied
is 'a decision beats what is attested' "$(jq -r .state got) $(manual got)" \
    'returned likeness false li, bareheaded true li, face true li'
is 'returned with the note' "$(jq -c '.review | [.mend, (.checks[] |
    select(.check == "likeness"))]' got)" '[["likeness"],{"check":"likeness",'\
'"ok":false,"by":"li","member":"photo","note":"another person"}]'
is 'those unused are counted' "$(cat log)" \
    'ss-verify: 1 decision met no open check of the run'
run 0 -o li --attest bareheaded --decisions - applied <<'EOF'
{"id":"A","check":"likeness","ok":true}
{"id":"A","check":"face","ok":true,"note":"glasses"}
EOF
is 'from standard input' "$(jq -r '.state + " " + (.review.checks[] |
    select(.check == "face") | .note)' got)" 'approved glasses'
while IFS='>' read -r lines message; do
	echo "$lines" | tr ';' '\n' >decisions
	status "bad decisions: $lines" 2 ss-verify -o li --decisions decisions \
	    applied
	is "$lines" "$(cat "$W/err")" "ss-verify: $message"
done <<'EOF'
{"id":"A","check":"face","ok":true};{"id":"B","check":"face","ok":true};{"id":"A","check":"face","ok":false}>--decisions: lines 1 and 3 contradict each other
{"id":"A","check":"face","ok":true};{"id":"A","check":"fase","ok":true}>--decisions: line 2: no manual check is called "fase"; there are: likeness, bareheaded, face, originals
{"id":"A","check":"face","ok":"yes"}>--decisions: line 1: {"id": text, "check": name, "ok": true or false} is wanted
{"id":"A","check":"face","ok":true};face>--decisions: line 2: byte 4: not JSON
EOF
run 3 -o li --decisions none applied
is 'no such file' "$(cat log)" 'ss-verify: none: No such file or directory'
done_testing
