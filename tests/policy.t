#!/bin/sh
# Policies: what is wrong in a file is named with the file and the nearest
# right word; what is inherited; the values shipped.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
dir=$W/data/policies
grep -P '^14[0-9]{2}(?!00)[0-9]{2}\t[^\t]*\t-\t' data/regions.tsv | cut -f1 |
    uniq >codes

# Reads "TEST ~ TEXT ~ WANT" lines: each text is the policy of a county, each
# county has a form; WANT is what becomes of it, without folder and file.
cases() {
	cat >cases
	exec 3<codes
	: >forms
	while IFS= read -r line; do
		read -r code <&3
		rest=${line#* ~ }
		printf '%s\n' "${rest%% ~ *}" >"$dir/$code.json"
		jq -nc --arg c "$code" --arg t "${line%% ~ *}" --arg n \
		    "$(citizen 140105 19900307 881)" '{test: $t, region: $c,
		    person: {name: "张三", id_number: $n}}' >>forms
	done <cases
	exec 3<&-
	ss-apply -o wang forms >got 2>log
	exec 3<codes
	while IFS= read -r line; do
		read -r code <&3
		is "${line%% ~ *}" "$(jq -r --arg t "${line%% ~ *}" \
		    --arg f "$dir/$code.json" 'select(.test == $t) |
		    if .error then .error.code + ": " + (.error.message |
		    if startswith($f) then .[($f | length) + 2:] else . end)
		    else .state end' got)" "${line##* ~ }"
		rm "$dir/$code.json"
	done <cases
	exec 3<&-
}

cases <<'EOF'
empty ~ {} ~ applied
misspelt member ~ {"photo":{"widht":1}} ~ policy: photo.widht: no such member; perhaps photo.width
misspelt branch ~ {"foto":{"width":1}} ~ policy: foto: no such member; perhaps photo
like nothing ~ {"qwertyuiop":1} ~ policy: qwertyuiop: no such member
misspelt id type ~ {"apply":{"id_types":["citizen","pasport"]}} ~ policy: apply.id_types: no such member or word "pasport"; perhaps "passport"
misspelt kind ~ {"apply":{"documents":{"identiti":"always"}}} ~ policy: apply.documents: no such member or word "identiti"; perhaps "identity"
misspelt when ~ {"apply":{"documents":{"identity":"allways"}}} ~ policy: apply.documents: no such member or word "allways"; perhaps "always"
misspelt check ~ {"review":{"manual":["likenes"]}} ~ policy: review.manual: no such member or word "likenes"; perhaps "likeness"
misspelt field ~ {"apply":{"fields":["phon"]}} ~ policy: apply.fields: no such member or word "phon"; perhaps "phone"
unknown word ~ {"pin":{"before":"later"}} ~ policy: pin.before: no such member or word "later"
encoding ~ {"card":{"name_encoding":"GB10830"}} ~ policy: card.name_encoding: no such member or word "GB10830"; perhaps "GB18030"
string for number ~ {"photo":{"width":"358"}} ~ policy: photo.width: a whole number is wanted, not a string
fraction ~ {"photo":{"width":358.5}} ~ policy: photo.width: a whole number is wanted, not a number with a fraction
number for bool ~ {"loss":{"release_formal":1}} ~ policy: loss.release_formal: true or false is wanted, not a whole number
string for list ~ {"collect":{"through":"holder"}} ~ policy: collect.through: an array of words is wanted, not a string
number in list ~ {"collect":{"through":[1]}} ~ policy: collect.through: a word is wanted, not a whole number
list for map ~ {"apply":{"documents":["identity"]}} ~ policy: apply.documents: an object is wanted, not an array
object for number ~ {"photo":{"width":{}}} ~ policy: photo.width: a whole number is wanted, not an object
number for branch ~ {"photo":7} ~ policy: photo: an object is wanted, not a whole number
null for a needed one ~ {"photo":{"width":null}} ~ policy: photo.width: a whole number is wanted, not null
text in one language ~ {"name":{"zh":"县"}} ~ policy: name: {"zh": text, "en": text} is wanted, not an object
too small ~ {"photo":{"width":0}} ~ policy: photo.width: 0 is not within 1 to 4000
too large ~ {"employer":{"handlers":10}} ~ policy: employer.handlers: 10 is not within 0 to 9
no period ~ {"loss":{"temporary_lapses_after":"ten days"}} ~ policy: loss.temporary_lapses_after: not a period such as "10 days" or "3 working days"
no days ~ {"loss":{"temporary_lapses_after":"0 days"}} ~ policy: loss.temporary_lapses_after: not a period such as "10 days" or "3 working days"
another unit ~ {"loss":{"temporary_lapses_after":"2 weeks"}} ~ policy: loss.temporary_lapses_after: not a period such as "10 days" or "3 working days"
a number of days ~ {"loss":{"temporary_lapses_after":10}} ~ policy: loss.temporary_lapses_after: a string is wanted, not a whole number
age of a photo in hours ~ {"photo":{"max_age":"48 hours"}} ~ policy: photo.max_age: days, months or years are wanted
regular expression ~ {"apply":{"social_number":{"passport":"^[A-Z"}}} ~ policy: apply.social_number.passport: not a regular expression
lease in months ~ {"claim":{"lease":"1 month"}} ~ policy: claim.lease: minutes, hours or days are wanted
lease in working days ~ {"claim":{"lease":"1 working day"}} ~ policy: claim.lease: minutes, hours or days are wanted
lease in days ~ {"claim":{"lease":"2 days"}} ~ applied
lease in minutes ~ {"claim":{"lease":"30 minutes"}} ~ applied
no lease ~ {"claim":{"lease":null}} ~ policy: claim.lease: a string is wanted, not null
locked perhaps ~ {"loss":{"lock_found":"yes"}} ~ policy: loss.lock_found: true or false is wanted, not a string
a range of card numbers ~ {"card":{"number":{"prefix":"D2","from":"00000A","to":"ZZZZZZ"}}} ~ applied
one without a prefix ~ {"card":{"number":{"prefix":"","from":"00000000","to":"00000000"}}} ~ applied
one with the longest prefix ~ {"card":{"number":{"prefix":"ABCDEFG","from":"0","to":"Z"}}} ~ applied
no room behind the prefix ~ {"card":{"number":{"prefix":"ABCDEFGH","from":"","to":""}}} ~ policy: card.number.prefix: more than 7 characters
a prefix alone ~ {"card":{"number":{"prefix":"D2"}}} ~ policy: card.number.from: 6 characters are wanted, 8 with the prefix
a short range ~ {"card":{"number":{"to":"999999"}}} ~ policy: card.number.to: 7 characters are wanted, 8 with the prefix
a long range ~ {"card":{"number":{"from":"00000000"}}} ~ policy: card.number.from: 7 characters are wanted, 8 with the prefix
small letters ~ {"card":{"number":{"prefix":"d"}}} ~ policy: card.number.prefix: other characters than 0 to 9 and A to Z
a sign ~ {"card":{"number":{"to":"99-9999"}}} ~ policy: card.number.to: other characters than 0 to 9 and A to Z
full-width digits ~ {"card":{"number":{"from":"０000"}}} ~ policy: card.number.from: other characters than 0 to 9 and A to Z
a range turned round ~ {"card":{"number":{"from":"0000002","to":"0000001"}}} ~ policy: card.number.from: more than card.number.to
letters after digits ~ {"card":{"number":{"from":"A000000"}}} ~ policy: card.number.from: more than card.number.to
a number as a number ~ {"card":{"number":{"from":0}}} ~ policy: card.number.from: a string is wanted, not a whole number
no prefix ~ {"card":{"number":{"prefix":null}}} ~ policy: card.number.prefix: a string is wanted, not null
limits that cross ~ {"photo":{"min_bytes":50000}} ~ policy: photo.min_bytes: more than photo.max_bytes
no object ~ [1] ~ policy: a policy is an object
no JSON ~ {"photo":} ~ policy: byte 10: not JSON
cut off ~ {"photo":{ ~ policy: byte 11: ends too early
twice ~ {"fee":{"first":1,"first":2}} ~ policy: byte 25: names a member twice
EOF
echo '{"photo":{"widht":1}}' >"$dir/4403.json"
status '-R with a bad policy stops before any record' 3 \
    ss-apply -R 440303 /dev/null
is 'and names file, member, nearest' "$(cat "$W/err")" \
    "ss-apply: $dir/4403.json: photo.widht: no such member; perhaps photo.width"
mkdir empty
cp data/*.json data/regions.tsv empty
mkdir empty/policies
status 'no national policy' 3 env SSCARD_DATA=empty ss-apply /dev/null
is 'is named' "$(cat "$W/err")" 'ss-apply: empty/policies: no national policy 00.json'

# null in the nation's own file, and for what nothing stands above.
jq '.apply.social_number.passport = null | .apply.documents["handler-identity"]
    = null | .photo.max_age = null' "$SS_TOP/lib/data/policies/00.json" \
    >"$dir/00.json"
cp "$SS_TOP/lib/data/policies/4403.json" "$dir"
echo '{"collect":{"uncollected_after":null},
    "apply":{"social_number":{"residence-permit":null}}}' >"$dir/1401.json"
n=$(citizen 140105 19900307 881)
jq -nc --arg n "$n" '{region: "140105", applied: {through: "employer"},
    person: {name: "张三", id_number: $n, id_until: "长期", phone:
    "13800138000", address: "1号"}}' >form
for t in household passport; do
	jq -c --arg t "$t" '.person.id_type = $t | if $t == "passport" then
	    .person += {id_number: "E12345678", social_number: "1",
	    birth_date: "1990-03-07"} else . end' form
done >forms
ss-apply -q -o wang forms >applied 2>log
is 'null takes a pattern away' "$(jq -r '.state // .error.message' applied |
    paste -sd' ')" 'applied applied'
ss-verify -q -o li applied >got 2>log
is 'and a document' "$(sed 1q got | jq -r '.review.checks[] |
    select(.check == "documents") | .note')" 'missing: identity, employer-letter'
cp "$SS_TOP/lib/data/policies/00.json" "$dir"

# Nation, province, city, county: the nearest says the last word; objects are
# laid over each other, arrays replaced, terms removed by null.
make-photo --dpi 300 --exif 2020-01-01 --pad-to 41984 >p.jpg
echo '{"photo": {"dpi": 300, "max_bytes": 41983}, "apply": {"fields":
    ["name"], "documents": {"identity": null, "household": "always"}}}' \
    >"$dir/14.json"
echo '{"photo": {"max_bytes": 41984}, "review": {"manual": ["face"]}}' \
    >"$dir/1401.json"
echo '{"photo": {"max_age": null}, "review": {"manual": []}}' \
    >"$dir/140105.json"
for r in 110101 140200 140106 140105; do
	jq -c --arg r "$r" --arg n "$(citizen "$r" 19900307 881)" '.region = $r |
	    .person.id_number = $n | .photo = "p.jpg" | del(.person.phone) |
	    .applied.through = "holder"' form
done | ss-apply -q -o wang >applied
ss-verify -q -o li applied >got
is 'each level over the one above' "$(jq -r '.region + " " + .state + " " +
    ((.review.mend // []) | join(",")) + " " + ([.review.checks[] |
    select(.ok == null) | .check] | join(","))' got)" \
    '110101 returned fields,documents,photo-dpi,photo-bytes,photo-age likeness,bareheaded,face
140200 returned documents,photo-bytes,photo-age likeness,bareheaded,face
140106 returned documents,photo-age face
140105 returned documents '
is 'objects are merged: one document more, one less' "$(jq -r '.review.checks[] |
    select(.check == "documents") | .note' got | uniq)" 'missing: identity
missing: household'
is '-R over the record'\''s own' "$(ss-verify -q -o li -R 14 applied |
    jq -r '.review.mend | join(",")' | uniq)" documents,photo-bytes,photo-age

# The values shipped, merged as ss-policy(5) says.
cat >merged.jq <<'EOF'
def merge($o): reduce ($o | keys_unsorted[]) as $k (.;
    if $o[$k] == null then del(.[$k])
    elif (.[$k] | type) == "object" and ($o[$k] | type) == "object"
    then .[$k] |= merge($o[$k]) else .[$k] = $o[$k] end);
reduce inputs as $o ({}; merge($o)) | getpath($path | split(".")) |
if . == null then "none" else tostring end
EOF
shipped() { # CODE PATH: the value that holds
	set -- "$1" "$2" "$SS_TOP/lib/data/policies"
	set -- "$1" "$2" "$3/00.json" "$3/$(echo "$1" | cut -c1-2).json" \
	    "$3/$(echo "$1" | cut -c1-4).json" "$3/$1.json"
	_path=$2
	shift 2
	for f; do
		shift
		[ -f "$f" ] && set -- "$@" "$f"
	done
	jq -nr --arg path "$_path" -f merged.jq "$@"
}
while read -r code name path want; do
	is "$name: $path" "$(shipped "$code" "$path")" "$want"
done <<'EOF'
110101 Beijing loss.temporary_lapses_after 10 days
440303 Shenzhen loss.temporary_lapses_after 3 working days
610102 Xi'an loss.temporary_lapses_after 7 days
330784 Yongkang loss.temporary_lapses_after 10 days
330702 Jinhua loss.temporary_lapses_after 7 days
220102 Changchun photo.max_bytes 51200
220102 Changchun photo.min_bytes 14336
220102 Changchun paper_card.valid 60 days
220102 Changchun paper_card.at_most 6 months
220102 Changchun loss.release_formal false
410102 Henan loss.release_formal true
442000 Zhongshan production.within 15 minutes
442000 Zhongshan card.renewal_from 60 days
442000 Zhongshan card.validity 10 years
441802 Qingyuan collect.uncollected_after 6 months
441802 Qingyuan collect.seal_uncollected true
441802 Qingyuan pin.before use
441802 Qingyuan pin.initial 123456
460105 Haikou photo.required_from_age 7
520102 Guiyang photo.required_from_age 6
371002 Weihai replace.damaged_handed_in true
371002 Weihai replace.damaged_else_formal_loss true
140105 Taiyuan paper_card.valid none
140105 Taiyuan photo.max_bytes 40960
140105 Taiyuan photo.width 358
140105 Taiyuan photo.height 441
140105 Taiyuan photo.dpi 350
140105 Taiyuan photo.max_age 6 months
140105 Taiyuan apply.guardian_below 16
140105 Taiyuan employer.handlers 2
140105 Taiyuan employer.within 5 working days
140105 Taiyuan loss.self_service_with_initial_pin false
140105 Taiyuan card.name_bytes 30
140105 Taiyuan card.name_extension_bytes 20
140105 Taiyuan loss.lock_found false
140105 Taiyuan card.number.prefix 0
140105 Taiyuan card.number.from 0000001
140105 Taiyuan card.number.to 9999999
140105 Taiyuan claim.lease 8 hours
140105 Taiyuan fee.first 0
EOF
export SSCARD_DATA="$SS_TOP/lib/data"
for f in "$SS_TOP"/lib/data/policies/*.json; do
	jq -nc --arg r "$(basename "$f" .json)" --arg n "$n" \
	    '{region: (if $r == "00" then "140105" else $r end), person:
	    {name: "a", id_number: $n}}'
done >forms
status 'every policy shipped loads' 0 ss-apply forms
# Names of the files.
cp -r "$SSCARD_DATA" named
cp named/policies/4403.json named/policies/44030.json
status 'a file named for no region' 3 env SSCARD_DATA=named ss-guide
like 'is named' "$(cat "$W/err")" '44030.json: a policy is named for its region'
mv named/policies/44030.json named/policies/440300.json
status 'two files of one region' 3 env SSCARD_DATA=named ss-guide
like 'are named' "$(cat "$W/err")" '4403(00)?.json and 4403(00)?.json are one'
done_testing
