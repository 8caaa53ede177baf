#!/bin/sh
# ss-apply: revisions of what was returned, reruns, records that are further
# on, and what a policy refuses at the counter.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

n=$(citizen 110101 19900307 881)
jq -nc --arg n "$n" '{person: {name: "张三", id_number: $n,
    id_until: "长期", phone: "13800138000", address: "东城区1号"}}' >base.json
sm3() { # FILE
	openssl dgst -sm3 -r "$1" | cut -d' ' -f1
}
make-photo >good.jpg
make-photo --progressive >progressive.jpg
make-photo --grey >grey.jpg
make-photo --cmyk --quality 60 >cmyk.jpg
printf 'identity card\n' >id.pdf

# Returned, mended, applied again: the next revision of the same application.
make-photo --dpi 300 >bad.jpg
for f in progressive:881 grey:883 cmyk:885 bad:887; do
	jq -c --arg f "${f%:*}" --arg n "$(citizen 110101 19900307 "${f#*:}")" \
	    '.id = $f | .person.id_number = $n | .photo = $f + ".jpg" |
	    .documents = {identity: "id.pdf"}' base.json
done | ss-apply -o wang >applied
ss-verify -q -o li applied >returned
is 'what cannot be printed is returned' \
    "$(jq -r '.id + " " + .state + " " + (.review.mend | join(","))' returned)" \
    'progressive returned photo-coding
grey returned photo-colour
cmyk returned photo-dpi,photo-colour,photo-white
bad returned photo-dpi'
jq -c 'select(.id == "bad") | .photo = "good.jpg" |
    .person.phone = "139 0013 9000"' returned | ss-apply -o zhao >second
is 'mended: revision 2 of the same' "$(jq -c '[.id, .state, .photo.sm3,
    .person.phone] + (.applied | [.revision, .by])' second)" \
    '["bad","applied","'"$(sm3 good.jpg)"'","13900139000",2,"zhao"]'
ss-verify -o li --attest likeness,bareheaded,face second >approved
is 'and approved' "$(jq -c '[.state, .review.revision]' approved)" \
    '["approved",2]'
cp good.jpg bad.jpg
is 'another file under its path is not taken by accident' "$(jq -c \
    'select(.id == "bad")' returned | ss-apply -q 2>log |
    jq -r '.error | .code + ": " + .message')" 'invalid: photo: the file is'\
' not the one that was applied with; give its path alone to take the new one'
is 'the path alone is read again' "$(jq -c 'select(.id == "bad") |
    .photo |= .path' returned | ss-apply | jq -c '[.photo.dpi, .photo.path,
    .applied.revision]')" '[350,"bad.jpg",2]'
rm bad.jpg
is 'one that is gone comes from the store' "$(jq -c \
    'select(.id == "bad")' returned | ss-apply | jq -c '[.photo.dpi,
    .applied.revision]')" '[300,2]'
f=$(jq -r 'select(.id == "bad") | .photo.sm3' returned |
    sed "s|^\(..\)\(..\)|$SSCARD_FILES/\1/\2/|")
cp "$f" kept
cp good.jpg "$f"
is 'a stored file that was changed' "$(jq -c 'select(.id == "bad")' returned |
    ss-apply -q 2>log | jq -r '.error | .code + ": " + .message')" \
    "auth: photo: its file in $SSCARD_FILES is not what was applied with"
printf 'no photo at all' >"$f"
is 'even into no photo' "$(jq -c 'select(.id == "bad")' returned |
    ss-apply -q 2>log | jq -r '.error | .code + ": " + .message')" \
    "auth: photo: its file in $SSCARD_FILES is not what was applied with"
cp kept "$f"

# Over its own output, and over what is elsewhere on its way.
ss-apply applied >already 2>log
is 'a rerun says so and changes nothing' \
    "$(jq -c 'del(.already)' already | cmp - applied && jq -c .already already)" \
    'true
true
true
true'
is 'and counts it' "$(cat log)" 'ss-apply: 4 records: 4 done already'
sed 's/"id":/ "id" : /' approved >spaced
for s in pending rejected making made active; do
	sed "s/\"state\":\"approved\"/\"state\":\"$s\"/" spaced
done >others
status 'other states pass' 0 ss-apply others
cp "$W/err" log
cp "$W/out" passed
ok 'byte for byte' cmp others passed
is 'and are counted' "$(cat log)" 'ss-apply: 5 records: 5 passed untouched'

# What a policy does not take.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
cat >data/policies/1101.json <<'EOF'
{"apply": {"id_types": ["citizen"], "through": ["holder", "guardian"],
 "guardian_below": 18}}
EOF
child=$(citizen 110101 20090607 022)
{
	jq -c '.person.id_type = "household"' base.json
	jq -c '.applied.through = "proxy"' base.json
	jq -c '.person.employer.name = "一厂"' base.json
	jq -c '.region = "110000" | .person.id_type = "household"' base.json
	jq -c --arg n "$child" '.person.id_number = $n' base.json
} >forms
TZ=UTC faketime -f '2026-03-01 09:00:00' ss-apply -q forms >got 2>log
is 'type, ways to apply, age' "$(jq -r '.state // (.error | .code + ": " +
    .message)' got)" 'policy: person.id_type: household is not accepted in 110100
policy: applied.through: proxy is not accepted in 110100
policy: applied.through: employer is not accepted in 110100
applied
invalid: person.guardian.name: is missing; an applicant under 18 needs a guardian'
ss-apply -n -R 11 --name 样 --id-number "$(citizen 110101 19900307 881)" |
	jq -c '.state = "returned" | del(.applied.revision)' >norevision
status 'a returned one without its revision' 1 ss-apply norevision
like 'is told so' "$(cat "$W/err")" 'applied.revision: is missing'
done_testing
