#!/bin/sh
# ss-verify: manual checks, attested or decided, and who may review.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/review.sh
. "$SS_TOP/tests/review.sh"

# Pending, with what is left to look at; attested.
run 0 -o li --station d2 applied
is 'pending' "$(jq -c '[.state, .review.result, .review.mend]' got)" \
    '["pending","pending",null]'
is 'three checks are open' "$(manual got)" \
    'likeness null null, bareheaded null null, face null null'
is 'the automatic ones are good' "$(jq -c '[.review.checks[] |
    select(.ok != null) | .ok] | unique' got)" '[true]'
is 'what the eye needs for the face' "$(jq -r '.review.checks[] |
    select(.check == "face") | .need' got)" 'face 179 to 255 px wide, hair 7'\
' to 21 px below the top, eyes at least 207 px above the bottom'
is 'who, where, when, of what' "$(jq -c '.review | [.by, .station, .time,
    .revision]' got)" '["li","d2","2026-03-01T09:00:00Z",1]'
is 'only review and state are new' \
    "$(jq -c 'del(.review) | .state = "applied"' got)" "$(cat applied)"
cp got pending
run 0 -o li --attest likeness,bareheaded,face applied
is 'approved' "$(jq -r .state got) $(manual got)" \
    'approved likeness true li, bareheaded true li, face true li'
cp got approved
run 0 -o zhou --attest face approved
is 'approved again: already' \
    "$(jq -c 'del(.already)' got | cmp - approved; jq .already got)" true
is 'and counted' "$(cat log)" 'ss-verify: 1 record: 1 done already'
run 2 -o li --attest likeness,barehaeded applied
is 'a name that is none' "$(cat log)" 'ss-verify: --attest: no manual check is'\
' called "barehaeded"; there are: likeness, bareheaded, face, originals'

run 2 -o li --attest number applied
is 'an automatic check cannot be attested' "$(cat log)" 'ss-verify: --attest:'\
' no manual check is called "number"; there are: likeness, bareheaded, face,'\
' originals'

# Answers are kept with their giver within a revision.
run 0 -o li --attest likeness applied
cp got half
run 0 -o zhou --attest bareheaded,face half
is 'kept from the review before' "$(jq -r .state got) $(manual got)" \
    'approved likeness true li, bareheaded true zhou, face true zhou'
jq -c '.state = "returned"' half | at "$NOW" ss-apply -o wang >second
run 0 -o zhou second
is 'not from an older revision' "$(jq -r .review.revision got) $(manual got)" \
    '2 likeness null null, bareheaded null null, face null null'

# The clerk does not review; where the policy lets her, she does.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
cat >data/policies/1101.json <<'EOF'
{"review": {"other_than_clerk": false,
 "manual": ["likeness", "originals"]}, "photo": {"required_from_age": 30}}
EOF
run 1 -o wang --attest likeness applied
is 'refused' "$(said)" \
    'policy: the reviewer is the clerk who took the application; say -o another'
export SSCARD_DATA="$W/data"
run 0 -o wang -R 1101 --attest likeness,originals applied
is 'allowed by policy' "$(jq -r .state got) $(manual got)" \
    'approved likeness true wang, originals true wang'
jq -c --arg n "$(citizen 110101 20000307 881)" 'del(.photo) |
    .person.id_number = $n' form | at "$NOW" ss-apply -o wang >young
run 0 -o li -R 1101 young
is 'without a photo, the originals are looked at' \
    "$(jq -r .state got) $(manual got)" 'pending originals null null'
echo '{"id":"A","check":"originals","ok":false}' >decisions
run 0 -o li -R 1101 --attest likeness --decisions decisions applied
is 'originals are no matter of the photo' "$(jq -r '.review.checks[] |
    select(.check == "originals") | .member' got)" documents
done_testing
