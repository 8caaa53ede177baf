#!/bin/sh
# ss-apply: from a form to a record; what it fills in, normalises, refuses.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

NOW='2026-03-01 09:00:00'	# UTC; 17:00 of the civil day

# A form of an adult, born 1990; serial 881 is a man's.
n=$(citizen 110101 19900307 881)
child=$(citizen 110101 20150607 022)
guardian=$(citizen 110101 19850102 123)
proxy=$(citizen 310101 19700203 448)
jq -nc --arg n "$n" '{person: {name: "张三", id_number: $n}}' >base.json

# Reads "ID | PATCH | WANT" or "ID | PATCH | JQ | WANT" lines, runs one
# ss-apply over the base with each patch, compares what each becomes.
cases() { # INSTANT OPTIONS...
	cat >cases
	jq -Rc --slurpfile b base.json 'split(" | ") |
	    $b[0] * (.[1] | fromjson) + {test: .[0]}' cases >in
	at "$@" in >got 2>log
	while IFS= read -r line; do
		id=${line%% | *}
		rest=${line#* | }
		rest=${rest#* | }
		jq='if .error then .error.code + ": " + .error.message
		    else .state end'
		case $rest in
		*" | "*) jq=${rest%% | *} rest=${rest#* | } ;;
		esac
		is "$id" "$(jq -r --arg id "$id" \
		    "select(.test == \$id) | $jq" got)" "$rest"
	done <cases
}

# Every option becomes its member.
make-photo >p.jpg
printf one >one.pdf
printf two >two.pdf
status 'all options make one record' 0 at "$NOW" ss-apply -R 440303 -o wang \
    --station desk-1 --id A-1 --photo p.jpg --document identity=one.pdf \
    --document handler-identity=two.pdf --document handler-identity=one.pdf \
    --name ' 张三 ' --id-type 身份证 --id-number "$n" --social-number "$n" \
    --sex 男 --ethnic 汉 --nationality 中国 --birth-date 1990年3月7日 \
    --id-from 2020.1.2 --id-until 长期 --phone '+86 138-0013-8000' \
    --address '  东城区1号 ' --occupation 教师 --household 本地城镇 \
    --collection 自取 --guardian-name 李四 --guardian-id-type citizen \
    --guardian-id-number "$guardian" --guardian-phone 13900139000 \
    --guardian-relation 父 --proxy-name 王五 --proxy-id-type citizen \
    --proxy-id-number "$proxy" --proxy-phone 13700137000 \
    --employer-name 一厂 --employer-code 91110000123456789x \
    --through 单位
cp "$W/out" all
is 'and nothing on standard error' "$(cat "$W/err")" ''
is 'v, id, kind, region, state' \
    "$(jq -c '[.v, .id, .kind, .region, .state]' all)" \
    '[1,"A-1","new","440303","applied"]'
is 'applied' "$(jq -c .applied all)" '{"time":"2026-03-01T09:00:00Z",'\
'"by":"wang","station":"desk-1","revision":1,"through":"employer"}'
is 'person' "$(jq -c '.person | del(.guardian, .proxy, .employer)' all)" \
    '{"name":"张三","id_type":"citizen","id_number":"'"$n"'",'\
'"social_number":"'"$n"'","sex":"1","ethnic":"01","nationality":"CHN",'\
'"birth_date":"1990-03-07","id_from":"2020-01-02","id_until":"9999-12-31",'\
'"phone":"13800138000","address":"东城区1号","occupation":"教师",'\
'"household":"local-urban","collection":"person"}'
is 'guardian' "$(jq -c .person.guardian all)" '{"name":"李四",'\
'"id_type":"citizen","id_number":"'"$guardian"'","phone":"13900139000",'\
'"relation":"father"}'
is 'proxy' "$(jq -c .person.proxy all)" '{"name":"王五",'\
'"id_type":"citizen","id_number":"'"$proxy"'","phone":"13700137000"}'
is 'employer' "$(jq -c .person.employer all)" \
    '{"name":"一厂","code":"91110000123456789X"}'
is 'photo' "$(jq -c '.photo | [.path, .width, .height, .dpi, .bits]' all)" \
    '["p.jpg",358,441,350,24]'
is 'documents, in order' \
    "$(jq -c '[.documents[] | [.kind, .path, .bytes]]' all)" \
    '[["identity","one.pdf",3],["handler-identity","two.pdf",3],'\
'["handler-identity","one.pdf",3]]'
is 'no member beside these' "$(jq -c 'keys' all)" '["applied","documents",'\
'"id","kind","person","photo","region","state","v"]'
status 'a record from options and a file exclude each other' 2 \
    ss-apply --name 张三 base.json
is 'as the message says' "$(cat "$W/err")" 'ss-apply: a record from options'\
' and files exclude each other; see ss-apply --help'
status '--document without a kind' 2 ss-apply --document one.pdf
is 'names its form' "$(cat "$W/err")" \
    'ss-apply: --document takes KIND=FILE; see ss-apply --help'

# Ids: version 7, the time first, ascending with the records.
at "$NOW" ss-apply -j 2 >ids <<EOF
$(cat base.json)
$(cat base.json)
$(cat base.json)
EOF
is 'UUIDs of version 7' "$(jq -r .id ids | grep -cE "^$(printf %012x \
    1772355600000 | sed 's/^.\{8\}/&-/')-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\$")" 3
ok 'that ascend' sh -c 'jq -r .id ids | LC_ALL=C sort -uc'

# Who works where: option, environment, default.
is 'from the environment' "$(SSCARD_OPERATOR=li SSCARD_STATION=d2 \
    ss-apply base.json | jq -c '[.applied.by, .applied.station]')" '["li","d2"]'
is 'an option wins' "$(SSCARD_OPERATOR=li SSCARD_STATION=d2 ss-apply -o chen \
    --station d3 base.json | jq -c '[.applied.by, .applied.station]')" \
    '["chen","d3"]'
is 'login name and host' "$(LOGNAME=zhao ss-apply base.json | jq -r \
    '.applied.by + "@" + .applied.station')" "zhao@$(uname -n)"

# The region: the record's, -R, the number's.
old=$(citizen 110103 19900307 881)
cases "$NOW" ss-apply -R 2201 <<EOF
of -R | {} | .region | 220100
the record's own stays | {"region":"440303"} | .region | 440303
an abolished number's | {"person":{"id_number":"$old"}} | .region | 220100
EOF
status 'a -R that is none stops' 2 ss-apply -R 44030 base.json

# Ids, regions, normalising, members of the wrong kind or misspelt.
cases "$NOW" ss-apply <<EOF
good id | {"id":"a.b-C_9"} | .id | a.b-C_9
bad id | {"id":"a b"} | invalid: id: 1 to 64 letters, digits and - _ . are wanted
id no string | {"id":7} | invalid: id: a string is wanted, not a whole number
of the number | {} | .region | 110101
of the record | {"region":"4403"} | .region | 440300
given up | {"person":{"id_number":"$old"}} | invalid: region: this code was given up in or after 2009; give the present one by -R
no code | {"region":"119999"} | invalid: region: no code of GB/T 2260; give -R
odd digits | {"region":"44030"} | invalid: region: a region is two, four or six digits of GB/T 2260
date 1 | {"person":{"id_until":"2036-11-03"}} | .person.id_until | 2036-11-03
date 2 | {"person":{"id_until":"2036/11/3"}} | .person.id_until | 2036-11-03
date 3 | {"person":{"id_until":"2036.11.03"}} | .person.id_until | 2036-11-03
date 4 | {"person":{"id_until":"20361103"}} | .person.id_until | 2036-11-03
date 5 | {"person":{"id_until":" 2036年11月3日 "}} | .person.id_until | 2036-11-03
life 1 | {"person":{"id_until":"长期"}} | .person.id_until | 9999-12-31
life 2 | {"person":{"id_until":"for life"}} | .person.id_until | 9999-12-31
no day | {"person":{"id_until":"2035-02-29"}} | invalid: person.id_until: no date of the calendar; write it as YYYY-MM-DD
short year | {"person":{"id_until":"35-02-28"}} | invalid: person.id_until: no date of the calendar; write it as YYYY-MM-DD
no life before | {"person":{"id_from":"长期"}} | invalid: person.id_from: no date of the calendar; write it as YYYY-MM-DD
phone 1 | {"person":{"phone":"138 0013 8000"}} | .person.phone | 13800138000
phone 2 | {"person":{"phone":"+86 (138)00138000"}} | .person.phone | 13800138000
phone 3 | {"person":{"phone":"+852 5123 4567"}} | .person.phone | +85251234567
phone 4 | {"person":{"phone":"none"}} | invalid: person.phone: not a telephone number
email 1 | {"person":{"email":" o'reilly+1@example.org "}} | .person.email | o'reilly+1@example.org
email 2 | {"person":{"email":"a@b@example.org"}} | invalid: person.email: not a mail address; the form name@example.org is wanted
email 3 | {"person":{"email":""}} | .person.email | null
sex 1 | {"person":{"sex":"男性"}} | .person.sex | 1
sex 2 | {"person":{"sex":"male"}} | .person.sex | 1
sex 3 | {"person":{"sex":"man"}} | invalid: person.sex: not one of: 1, 2
ethnic | {"person":{"ethnic":"维吾尔"}} | .person.ethnic | 05
ethnic 97 | {"person":{"ethnic":"97"}} | .person.ethnic | 97
ethnic 58 | {"person":{"ethnic":"58"}} | .error.message[0:53] | person.ethnic: not one of: 01, 02, 03, 04, 05, 06, 07
nation | {"person":{"nationality":"China"}} | .person.nationality | CHN
no nation | {"person":{"nationality":"cn"}} | invalid: person.nationality: not three capital letters of ISO 3166-1 such as CHN
post | {"person":{"collection":"邮寄"}} | .person.collection | post
address | {"person":{"address":"\t 长安街 1 号 \n"}} | .person.address | 长安街 1 号
blank | {"person":{"address":"  "}} | .person.address | null
null | {"person":{"address":null}} | .person.address | null
bell | {"person":{"address":"a\u0007b"}} | invalid: person.address: holds a control character
long | {"person":{"address":"$(printf %0513d 0)"}} | invalid: person.address: longer than 512 bytes
name missing | {"person":{"name":""}} | invalid: person.name: is missing
number missing | {"person":{"id_number":null}} | invalid: person.id_number: is missing
number as a number | {"person":{"id_number":1}} | invalid: person.id_number: a string is wanted, not a whole number
name as an array | {"person":{"name":["a"]}} | invalid: person.name: a string is wanted, not an array
guardian as a string | {"person":{"guardian":"a"}} | invalid: person.guardian: an object is wanted, not a string
misspelt | {"person":{"adress":"a"}} | invalid: person.adress: no such member; perhaps address
misspelt below | {"person":{"guardian":{"idnumber":"a"}}} | invalid: person.guardian.idnumber: no such member; perhaps id_number
misspelt object | {"person":{"gaurdian":{"name":"a"}}} | invalid: person.gaurdian: no such member; perhaps guardian
like nothing | {"person":{"zzzzzzzz":"a"}} | invalid: person: has a member that no form has; see ss-record(5)
person no object | {"person":"a"} | invalid: person: is missing; a form has its fields in an object of this name
through | {"applied":{"through":"friend"}} | invalid: applied.through: not one of: holder, guardian, proxy, employer
kept | {"extra":{"a":[1, 2]}} | (.extra|tostring) | {"a":[1,2]}
cut name | {"person":{"一二三四五六七八九十一二三四五":"a"}} | invalid: person: has a member that no form has; see ss-record(5)
EOF
ok 'what comes out is UTF-8' iconv -f UTF-8 -t UTF-8 got

# Guardians: who is under 16 on the civil day, which is at +08:00.
born=$(citizen 110101 20100302 881)
gform='"guardian":{"name":"李四","id_number":"'$guardian'","relation":"母"}'
cases '2026-03-01 15:59:59' ss-apply <<EOF
15 years | {"person":{"id_number":"$born"}} | invalid: person.guardian.name: is missing; an applicant under 16 needs a guardian
no number | {"person":{"id_number":"$child","guardian":{"name":"李四"}}} | invalid: person.guardian.id_number: is missing; an applicant under 16 needs a guardian
no relation | {"person":{"id_number":"$child","guardian":{"name":"李四","id_number":"$guardian"}}} | invalid: person.guardian.relation: is missing; an applicant under 16 needs a guardian
a child | {"person":{"id_number":"$child",$gform}} | .applied.through + .person.guardian.id_type | guardiancitizen
with a proxy | {"person":{"id_number":"$child",$gform,"proxy":{"name":"王五","id_number":"$proxy"}}} | .applied.through | proxy
guardian's number | {"person":{"guardian":{"id_number":"${guardian%?}_"}}} | invalid: person.guardian.id_number: holds something else than letters and digits
guardian's passport | {"person":{"guardian":{"id_type":"护照","id_number":"1"}}} | invalid: person.guardian.id_number: 1 characters; a passport has 5 to 15
proxy's number | {"person":{"proxy":{"id_number":"${n%???}"}}} | invalid: person.proxy.id_number: 15 digits: numbers of the first generation ended in 2013; give the 18 characters of the present card
by an employer | {"person":{"employer":{"name":"一厂"}}} | .applied.through | employer
EOF
cases '2026-03-01 16:00:00' ss-apply <<EOF
16 years | {"person":{"id_number":"$born"}} | .applied.through | holder
EOF
done_testing
