#!/bin/sh
# ss-verify: what is no application, files that are not what they were,
# records that are further on, duplicates within a run.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/review.sh
. "$SS_TOP/tests/review.sh"

# What is no application, and files that are not what they were.
{
	echo '{"id":"x"}'
	jq -c 'del(.state)' applied
	jq -c 'del(.applied.revision)' applied
	jq -c '.person = 1' applied
	jq -c '.photo.sm3 = "p.jpg"' applied
	jq -c '.documents = {identity: "one.pdf"}' applied
	jq -c '.person.adress = "x"' applied
	jq -c --arg d "$(printf %064d 1)" '.photo.sm3 = $d' applied
} >bad
run 1 -q -o li bad
is 'each says what is missing and where' "$(said)" \
    "invalid: no application: id, person or applied is missing; run ss-apply first
invalid: state: is missing; run ss-apply first
invalid: no application: id, person or applied is missing; run ss-apply first
invalid: no application: id, person or applied is missing; run ss-apply first
invalid: photo.sm3: not 64 hexadecimal digits; run ss-apply first
invalid: documents.sm3: not 64 hexadecimal digits; run ss-apply first
invalid: person.adress: no such member; perhaps address
missing: photo: its file is not in $SSCARD_FILES; sync the file store or say --files"
is 'records are as they came' "$(jq -c 'del(.error)' got)" "$(cat bad)"
at "$NOW" ss-verify -o li --attest likeness,bareheaded,face applied >approved
run 1 -q -o li --files elsewhere applied
is 'another store' "$(said)" 'missing: documents: its file is not in'\
' elsewhere; sync the file store or say --files'
run 1 -q -o li --files "$(printf '\260\241')" applied
ok 'a store whose name is not UTF-8: the record is' \
    iconv -f UTF-8 -t UTF-8 got
printf two >"$(jq -r '.documents[0].sm3' applied |
    sed "s|^\(..\)\(..\)|$SSCARD_FILES/\1/\2/|")"
run 1 -q -o li applied
is 'a file that was changed' "$(said)" "auth: documents: its file in $SSCARD_FILES is not what was applied with"
for s in returned rejected making active; do
	sed "s/\"state\":\"approved\"/ \"state\" : \"$s\"/" approved
done >others
run 0 -o li others
ok 'other states pass byte for byte' cmp others got
is 'and are counted' "$(cat log)" 'ss-verify: 4 records: 4 passed untouched'

# Duplicates: all but the first of a run, whatever the threads do. The lines
# are 1,000 people without photos, every tenth the one before it once more.
cat >people.jq <<'EOF'
def citizen: . as $s |
    ([[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2] | to_entries[] |
    .value * ($s[.key:.key + 1] | tonumber)] | add % 11) as $r |
    $s + "10X98765432"[$r:$r + 1];
range(1; $many + 1) | . as $i |
(if $i % 10 == 0 then $i - 1 else $i end | tostring | ("00" + .)[-3:]) as $n |
{id: "r\($i)", region: "110100", documents: {other: "two.pdf"}, person: {
    name: "人", id_number: ("11010120000307" + $n | citizen)}}
EOF
printf two >two.pdf
many=1000
[ -n "${SS_SLOW:-}" ] && many=50
jq -nc --argjson many "$many" -f people.jq |
    at "$NOW" ss-apply -q -o wang >people
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
echo '{"apply": {"fields": ["name"], "documents": {"identity": null}},
    "photo": {"required_from_age": 30}, "review": {"manual": []}}' \
    >data/policies/1101.json
run 0 -o li people
cp got one
is 'a tenth are rejected' "$(jq -r '.state + " " +
    ((.review.mend // []) | join(","))' one | sort | uniq -c | tr -s ' ')" \
    " $((many * 9 / 10)) approved 
 $((many / 10)) rejected duplicate"
is 'those that come later' "$(jq -r 'select(.state == "rejected") | .id' one |
    grep -vc '0$')" 0
is 'with the reason' "$(sed -n 10p one | jq -c '.review.checks[] |
    select(.check == "duplicate")')" '{"check":"duplicate","ok":false,'\
'"member":"person","note":"this person stands earlier in the run"}'
run 0 -j 2 -o li people
ok 'two threads: the same, byte for byte' cmp one got
x=$(jq -c 'select(.person.id_number | endswith("X"))' people | head -n 1)
{ echo "$x"; echo "$x" | sed 's/X"/x"/g'; } >lower
run 1 -o li lower
is 'what ss-apply does not write is not reviewed' \
    "$(jq -r '.error.message // .state' got | paste -sd' ' -)" \
    'approved person: not as ss-apply writes it; run ss-apply first'
# What failed or was returned does not stand in the way of what follows.
one=$(head -n 1 people)
echo "$one" | jq -c '.state = "returned"' >both
echo "$one" >>both
run 0 -o li both
is 'a returned one, and itself mended' "$(jq -r .state got |
    paste -sd' ' -)" 'returned approved'
echo "$one" | jq -c 'del(.applied.by)' >failing
echo "$one" >>failing
run 1 -o li failing
is 'after one that failed nothing is decided' "$(jq -r .error.code got |
    paste -sd' ' -)" 'invalid state'
is 'nor counted as decided' "$(tail -n 1 log)" \
    'ss-verify: 2 records: 2 failed'
if [ "$many" -gt 300 ]; then		# more than a group
	{ cat failing; sed -n '2,300p' people; echo "$one"; } >later
	run 1 -o li later
	is 'and later it is free' "$(tail -n 1 got | jq -r .state)" approved
fi
jq -c '.person.social_number = "" | .id += "-" + .person.id_number' people |
    head -n 2 >empty
run 0 -o li empty
is 'no number is nobody twice' "$(jq -r '[.review.checks[] |
    select(.check == "duplicate") | .ok] | tostring' got | paste -sd' ' -)" \
    '[true] [true]'
done_testing
