#!/bin/sh
# ss-verify: the automatic checks of form, person and documents, each failing
# alone, with the figure and the need that its reader gets.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

NOW='2026-03-01 09:00:00'	# UTC; 17:00 of the civil day

make-photo >p.jpg
printf one >one.pdf
printf two >two.pdf
for d in identity guardian-identity relation proxy-identity authorisation \
    employer-letter handler-identity handler-identity; do
	echo "$d"
done | jq -Rn --arg n "$(citizen 110101 19900307 881)" '{id: "x",
    person: {name: "张三", id_number: $n, id_from: "2020-01-02",
    id_until: "2036-01-02", phone: "13800138000", address: "东城区1号"},
    photo: "p.jpg", documents: ([inputs] | to_entries | map({kind: .value,
    path: (if .key == 7 then "two.pdf" else "one.pdf" end)}))}' |
    jq -c . | at "$NOW" ss-apply -o wang >base.json

# Every case is another person's: 110101, a birth, a serial by its place.
cat >person.jq <<'EOF'
def citizen: . as $s |
    ([[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2] | to_entries[] |
    .value * ($s[.key:.key + 1] | tonumber)] | add % 11) as $r |
    $s + "10X98765432"[$r:$r + 1];
def serial: tostring | ("00" + .)[-3:];
split(" | ") as [$test, $patch] |
($patch | fromjson) as $p |
($p.born // "19900307") as $born |
(("110101" + $born + (input_line_number * 2 + 1 | serial)) | citizen) as $n |
$b[0] * {test: $test, id: "r\(input_line_number)", person: {id_number: $n,
    social_number: $n, birth_date: ($born | .[:4] + "-" + .[4:6] + "-" +
    .[6:])}} * ($p | del(.born))
EOF
# Reads "TEST | PATCH | CHECK | STATE MEND OBJECT" lines; the object is the
# check without its name.
cases() { # INSTANT OPTIONS...
	cat >cases
	jq -Rc --slurpfile b base.json -f person.jq cases >in
	at "$@" in >got 2>log
	while IFS= read -r line; do
		test=${line%% | *}
		rest=${line#* | }
		rest=${rest#* | }
		is "$test" "$(jq -r --arg t "$test" --arg c "${rest%% | *}" \
		    'select(.test == $t) | if .error then .error.code + ": " +
		    .error.message else .state + " " + ((.review.mend // []) |
		    join(",")) + " " + ([.review.checks[] |
		    select(.check == $c) | del(.check)][0] | tojson) end' got)" \
		    "${rest#* | }"
	done <cases
}

cases "$NOW" ss-verify -o li --attest likeness,bareheaded,face <<EOF
good | {} | fields | approved  {"ok":true}
fields | {"person":{"phone":null,"address":""}} | fields | returned fields {"ok":false,"member":"person","note":"missing: phone, address"}
name missing | {"person":{"name":null}} | fields | returned fields {"ok":false,"member":"person","note":"missing: name"}
number forged | {"person":{"id_number":"110101199003078810","social_number":"A12345678"}} | number | returned number {"ok":false,"member":"person.id_number","note":"the last character does not fit the others; compare with the card"}
social number another | {"person":{"social_number":"$(citizen 110101 19910101 001)"}} | social-number | returned social-number {"ok":false,"member":"person.social_number","note":"person.social_number: is not the number of the document"}
social number missing | {"person":{"social_number":null}} | social-number | returned social-number {"ok":false,"member":"person.social_number","note":"missing"}
birth date another | {"person":{"birth_date":"1990-03-08"}} | birth-date | returned birth-date {"ok":false,"value":35,"member":"person.birth_date","note":"is not that of the number"}
birth date | {"born":"19900302"} | birth-date | approved  {"ok":true,"value":35}
birth day | {"born":"19900301"} | birth-date | approved  {"ok":true,"value":36}
sex | {"person":{"sex":"2"}} | sex | returned sex {"ok":false,"member":"person.sex","note":"is not that of the number"}
expired | {"person":{"id_until":"2026-02-28"}} | id-valid | returned id-valid {"ok":false,"value":"2026-02-28","member":"person.id_until","note":"the document has expired"}
last day | {"person":{"id_until":"2026-03-01"}} | id-valid | approved  {"ok":true,"value":"2026-03-01"}
not valid yet | {"person":{"id_from":"2026-03-02"}} | id-valid | returned id-valid {"ok":false,"value":"2036-01-02","member":"person.id_until","note":"the document is not valid yet"}
for life | {"person":{"id_until":"9999-12-31"}} | id-valid | approved  {"ok":true,"value":"9999-12-31"}
phone | {"person":{"phone":"01088888888"}} | phone | returned phone {"ok":false,"member":"person.phone","note":"neither a mobile number of 11 digits nor + and a country's code"}
phone 12 | {"person":{"phone":"12000138000"}} | phone | returned phone {"ok":false,"member":"person.phone","note":"neither a mobile number of 11 digits nor + and a country's code"}
phone abroad | {"person":{"phone":"+85251234567"}} | phone | approved  {"ok":true}
proxy nameless | {"applied":{"through":"proxy"},"person":{"proxy":{"id_number":"$(citizen 310101 19700203 448)"}}} | proxy | returned proxy {"ok":false,"member":"person.proxy","note":"the name is missing"}
proxy numberless | {"applied":{"through":"proxy"},"person":{"proxy":{"name":"王五"}}} | proxy | returned proxy {"ok":false,"member":"person.proxy","note":"the number of the document is missing"}
proxy under 18 | {"applied":{"through":"proxy"},"person":{"proxy":{"name":"王五","id_number":"$(citizen 310101 20080302 448)"}}} | proxy | returned proxy {"ok":false,"member":"person.proxy","note":"is younger than apply.representative_from asks"}
proxy of 18 | {"applied":{"through":"proxy"},"person":{"proxy":{"name":"王五","id_number":"$(citizen 310101 20080301 448)"}}} | proxy | approved  {"ok":true}
employer | {"applied":{"through":"employer"}} | documents | approved  {"ok":true,"value":8}
employer's handlers | {"applied":{"through":"employer"},"documents":$(jq -c '.documents[:-1]' base.json)} | documents | returned documents {"ok":false,"value":7,"member":"documents","note":"missing: handler-identity (2)"}
proxy's documents | {"applied":{"through":"proxy"},"person":{"proxy":{"name":"王五","id_number":"$(citizen 310101 19700203 448)"}},"documents":$(jq -c '.documents[:1]' base.json)} | documents | returned documents {"ok":false,"value":1,"member":"documents","note":"missing: proxy-identity, authorisation"}
no documents | {"documents":null} | documents | returned documents {"ok":false,"value":0,"member":"documents","note":"missing: identity"}
digests | {} | digests | approved  {"ok":true,"value":9}
child | {"born":"20150607"} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"the name is missing"}
guardian numberless | {"born":"20150607","person":{"guardian":{"name":"李四"}}} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"the number of the document is missing"}
guardian unrelated | {"born":"20150607","person":{"guardian":{"name":"李四","id_number":"$(citizen 110101 19850102 123)"}}} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"the relation is missing"}
guardian | {"born":"20150607","person":{"guardian":{"name":"李四","relation":"mother","id_number":"$(citizen 110101 19850102 123)"}}} | guardian | approved  {"ok":true}
guardian under 18 | {"born":"20150607","person":{"guardian":{"name":"李四","relation":"mother","id_number":"$(citizen 110101 20080302 123)"}}} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"is younger than apply.representative_from asks"}
guardian of 18 | {"born":"20150607","person":{"guardian":{"name":"李四","relation":"mother","id_number":"$(citizen 110101 20080301 123)"}}} | guardian | approved  {"ok":true}
guardian's number | {"born":"20150607","person":{"guardian":{"name":"李四","relation":"mother","id_number":"110101198501021230"}}} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"the last character does not fit the others; compare with the card"}
guardian's papers | {"born":"20150607","documents":$(jq -c '.documents[:1]' base.json),"person":{"guardian":{"name":"李四","relation":"mother","id_number":"$(citizen 110101 19850102 123)"}}} | documents | returned documents {"ok":false,"value":1,"member":"documents","note":"missing: guardian-identity, relation"}
EOF

# The applicant as guardian; two of a name-dot; regions that are only noted.
child=$(citizen 110101 20150607 022)
cases "$NOW" ss-verify -o li --attest likeness,bareheaded,face <<EOF
own guardian | {"born":"20150607","person":{"sex":"2","id_number":"$child","social_number":"$child","guardian":{"name":"李四","id_number":"$child"}}} | guardian | returned guardian {"ok":false,"member":"person.guardian","note":"is the applicant"}
dot | {"person":{"name":"买买提·吐尔逊"}} | name-characters | approved  {"ok":true}
U+2022 | {"person":{"name":"买买提•吐尔逊"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a look-alike of the middle dot; the name's dot is U+00B7"}
U+30FB | {"person":{"name":"买买提・吐尔逊"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a look-alike of the middle dot; the name's dot is U+00B7"}
U+FF0E | {"person":{"name":"买买提．吐尔逊"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a look-alike of the middle dot; the name's dot is U+00B7"}
dot at the end | {"person":{"name":"买买提·"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a middle dot that separates nothing"}
zero width | {"person":{"name":"张\u200b三"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a character that cannot be seen or has no agreed meaning"}
right to left | {"person":{"name":"张\u202e三"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a character that cannot be seen or has no agreed meaning"}
private use | {"person":{"name":"张\ue001"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a character that cannot be seen or has no agreed meaning"}
wide space | {"person":{"name":"张　三"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a wide or fixed space"}
digit | {"person":{"name":"张3"}} | name-characters | returned name-characters {"ok":false,"member":"person.name","note":"a digit"}
Extension B | {"person":{"name":"𠀀三"}} | name-length | approved  {"ok":true,"value":6}
30 bytes | {"person":{"name":"一一一一一一一一一一一一一一一"}} | name-length | approved  {"ok":true,"value":30}
31 bytes | {"person":{"name":"一一一一一一一一一一一一一一一a"}} | name-length | approved  {"ok":true,"value":31,"split":30}
two bytes move whole | {"person":{"name":"a一一一一一一一一一一一一一一一"}} | name-length | approved  {"ok":true,"value":31,"split":29}
four bytes move whole | {"person":{"name":"一一一一一一一一一一一一一一𠀀"}} | name-length | approved  {"ok":true,"value":32,"split":28}
four move at 27 | {"person":{"name":"a一一一一一一一一一一一一一𠀀b"}} | name-length | approved  {"ok":true,"value":32,"split":27}
50 bytes | {"person":{"name":"一一一一一一一一一一一一一一一一一一一一一一一一一"}} | name-length | approved  {"ok":true,"value":50,"split":30}
51 bytes | {"person":{"name":"一一一一一一一一一一一一一一一一一一一一一一一一一a"}} | name-length | returned name-length {"ok":false,"value":51,"split":30,"member":"person.name","note":"21 bytes behind byte 30, where the card has room for 20"}
50 in two parts that do not fit | {"person":{"name":"a一一一一一一一一一一一一一一一一一一一一一一一一b"}} | name-length | returned name-length {"ok":false,"value":50,"split":29,"member":"person.name","note":"21 bytes behind byte 29, where the card has room for 20"}
code given up | {"person":{"id_number":"$(citizen 460102 20010101 881)","social_number":"$(citizen 460102 20010101 881)","birth_date":"2001-01-01"}} | number-region | approved  {"ok":true,"note":"the code was last in the edition of 1998, before the birth"}
code given up later | {"person":{"id_number":"$(citizen 110103 20010101 881)","social_number":"$(citizen 110103 20010101 881)","birth_date":"2001-01-01"}} | number-region | approved  {"ok":true}
code unknown | {"person":{"id_number":"$(citizen 890101 20010101 881)","social_number":"$(citizen 890101 20010101 881)","birth_date":"2001-01-01"}} | number-region | approved  {"ok":true,"note":"the code is in no edition of GB/T 2260 known here"}
no code | {"person":{"id_type":"passport","id_number":"E12345678","social_number":"E12345678"}} | number-region | approved  null
passport's pattern | {"person":{"id_type":"passport","id_number":"E12345678","social_number":"E1"}} | social-number | returned social-number {"ok":false,"member":"person.social_number","note":"person.social_number: not as apply.social_number of the policy asks"}
EOF

# Policies of other cards and of a narrower desk.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
cat >data/policies/1101.json <<'EOF'
{"card": {"generation": 1, "name_encoding": "GBK", "name_extension_bytes": 0},
 "apply": {"id_types": ["citizen"], "through": ["holder", "guardian"]}}
EOF
cases "$NOW" ss-verify -o li -R 1101 --attest likeness,bareheaded,face <<EOF
id-type | {"person":{"id_type":"household"}} | id-type | returned id-type {"ok":false,"member":"person.id_type","note":"not accepted in this region"}
through | {"applied":{"through":"employer"}} | through | returned through {"ok":false,"member":"applied.through","note":"not accepted in this region"}
GBK | {"person":{"name":"买买提·吐尔逊"}} | name-encoding | approved  {"ok":true}
not in GBK | {"person":{"name":"𠀀三"}} | name-encoding | returned name-encoding {"ok":false,"need":"GBK","member":"person.name","note":"the card's encoding has not all of its characters"}
generation 1: 30 bytes | {"person":{"name":"一一一一一一一一一一一一一一一"}} | name-length | approved  {"ok":true,"value":30}
generation 1: 31 bytes | {"person":{"name":"一一一一一一一一一一一一一一一a"}} | name-length | returned name-length {"ok":false,"value":31,"split":30,"member":"person.name","note":"1 bytes behind byte 30, where the card has room for 0"}
EOF
done_testing
