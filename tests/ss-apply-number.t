#!/bin/sh
# ss-apply: the numbers of every kind of document, what they imply, what is
# said of a bad one.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

NOW='2026-03-01 09:00:00'	# UTC; 17:00 of the civil day

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

# Another last character than the right one.
spoil() {
	case $1 in
	*0) echo "${1%?}1" ;;
	*) echo "${1%?}0" ;;
	esac
}

# What a citizen's number says.
man=$(citizen 110101 19900307 881)
woman=$(citizen 110101 19900307 882)
x=1
while [ "${ex:=}" = "" ]; do	# a number that ends in X
	case $(citizen 110101 19900307 "$(printf %03d "$x")") in
	*X) ex=$(citizen 110101 19900307 "$(printf %03d "$x")") ;;
	esac
	x=$((x + 1))
done
low=$(echo "$ex" | tr X x)
leap=$(citizen 110101 20000229 881)
bare=$(citizen 110101 19000229 881)
early=$(citizen 110101 18791231 881)
first=$(citizen 110101 18800101 881)
today=$(citizen 110101 20260302 881)
hk=$(citizen 810000 19900307 881)
pr=$(citizen 911840 19900307 881)
unknown=$(citizen 890101 19900307 881)
jq -nc --arg n "$man" '{person: {name: "张三", id_number: $n}}' >base.json
all='(.person|[.id_type,.social_number,.birth_date,.sex,.nationality]|join(" "))+" "+.region'
cases "$NOW" ss-apply <<EOF
a man's | {} | $all | citizen $man 1990-03-07 1 CHN 110101
a woman's | {"person":{"id_number":"$woman"}} | $all | citizen $woman 1990-03-07 2 CHN 110101
household | {"person":{"id_number":"$man","id_type":"户口簿"}} | .person.id_type+.person.social_number | household$man
x for X | {"person":{"id_number":"$low"}} | .person.id_number+.person.social_number | $ex$ex
x in both | {"person":{"id_number":"$low","social_number":"$low"}} | .person.social_number | $ex
social number | {"person":{"social_number":"$woman"}} | invalid: person.social_number: contradicts the number of the document
birth | {"person":{"birth_date":"19900308"}} | invalid: person.birth_date: contradicts the number of the document
sex | {"person":{"sex":"女"}} | invalid: person.sex: contradicts the number of the document
nationality | {"person":{"nationality":"USA"}} | invalid: person.nationality: contradicts the number of the document
agreement | {"person":{"birth_date":"1990年3月7日","sex":"男","nationality":"中国","social_number":"$man"}} | applied
check character | {"person":{"id_number":"$(spoil "$man")"}} | invalid: person.id_number: the last character does not fit the others; compare with the card
fifteen digits | {"person":{"id_number":"110101900307881"}} | invalid: person.id_number: 15 digits: numbers of the first generation ended in 2013; give the 18 characters of the present card
seventeen | {"person":{"id_number":"${man%?}"}} | invalid: person.id_number: 17 characters, not 18
forty | {"person":{"id_number":"$man$man$man"}} | invalid: person.id_number: 54 characters
letters | {"person":{"id_number":"A${man#?}"}} | invalid: person.id_number: not 17 digits and a digit or X at the end
full width | {"person":{"id_number":"１${man#?}"}} | invalid: person.id_number: holds full-width characters; type the number in half-width ones
space before | {"person":{"id_number":" $man"}} | invalid: person.id_number: holds a space; remove it
space behind | {"person":{"id_number":"$man "}} | invalid: person.id_number: holds a space; remove it
wide space | {"person":{"id_number":"$man　"}} | invalid: person.id_number: holds a space; remove it
hyphen | {"person":{"id_number":"110101-${man#??????}"}} | invalid: person.id_number: holds something else than letters and digits
29 February | {"person":{"id_number":"$leap"}} | .person.birth_date | 2000-02-29
no 29 February | {"person":{"id_number":"$bare"}} | invalid: person.id_number: digits 7 to 14 are no date of the calendar
1879 | {"person":{"id_number":"$early"}} | invalid: person.id_number: a birth before 1880
1880 | {"person":{"id_number":"$first"}} | .person.birth_date | 1880-01-01
tomorrow | {"person":{"id_number":"$today"}} | invalid: person.id_number: a birth in the future
2023's as citizen | {"person":{"id_number":"$pr"}} | invalid: person.id_number: begins with 9: a permanent resident card of 2023; give permanent-resident as its type
unknown region | {"region":"110101","person":{"id_number":"$unknown"}} | applied
unknown region alone | {"person":{"id_number":"$unknown"}} | invalid: region: no code of GB/T 2260; give -R
no such type | {"person":{"id_type":"驾驶证"}} | invalid: person.id_type: not one of: citizen, household, hkmo-permit, tw-permit, residence-permit, passport, permanent-resident
EOF
cases '2026-03-01 16:00:00' ss-apply <<EOF
born this day | {"person":{"id_number":"$today"}} | invalid: person.guardian.name: is missing; an applicant under 16 needs a guardian
EOF

# The other kinds: a region is needed, and what the number does not say.
jq -nc --arg n "$man" '{region: "110101", person: {name: "张三",
    birth_date: "1990-03-07", social_number: "A12345678"}}' >base.json
cases "$NOW" ss-apply <<EOF
hkmo H | {"person":{"id_type":"回乡证","id_number":"h12345678"}} | .person.id_type+.person.id_number | hkmo-permitH12345678
hkmo M | {"person":{"id_type":"hkmo-permit","id_number":"M12345678"}} | .person.nationality | null
hkmo 7 | {"person":{"id_type":"hkmo-permit","id_number":"H1234567"}} | invalid: person.id_number: not H or M and 8 digits
hkmo K | {"person":{"id_type":"hkmo-permit","id_number":"K12345678"}} | invalid: person.id_number: not H or M and 8 digits
taiwan | {"person":{"id_type":"台胞证","id_number":"12345678"}} | .person.id_type+.person.social_number | tw-permitA12345678
taiwan 10 | {"person":{"id_type":"tw-permit","id_number":"1234567890"}} | invalid: person.id_number: not 8 digits
residence HK | {"person":{"id_type":"居住证","id_number":"$hk","social_number":null}} | .person.social_number+.person.sex | ${hk}1
residence Macao | {"person":{"id_type":"residence-permit","id_number":"$(citizen 820000 19900307 882)","social_number":null}} | .person.sex | 2
residence Taiwan | {"person":{"id_type":"residence-permit","id_number":"$(citizen 830000 19900307 882)","social_number":null}} | .person.nationality | null
residence elsewhere | {"person":{"id_type":"residence-permit","id_number":"$man","social_number":null}} | invalid: person.id_number: does not begin with 810000, 820000 or 830000
residence check | {"person":{"id_type":"residence-permit","id_number":"$(spoil "$hk")","social_number":null}} | invalid: person.id_number: the last character does not fit the others; compare with the card
passport | {"person":{"id_type":"护照","id_number":"e12345678","nationality":"USA","sex":"f"}} | .person.id_number+.person.nationality+.person.sex | E12345678USA2
passport 4 | {"person":{"id_type":"passport","id_number":"E123"}} | invalid: person.id_number: 4 characters; a passport has 5 to 15
passport 16 | {"person":{"id_type":"passport","id_number":"E123456789012345"}} | invalid: person.id_number: 16 characters; a passport has 5 to 15
passport letters | {"person":{"id_type":"passport","id_number":"ABCDEF"}} | invalid: person.id_number: has no digit
resident 15 | {"person":{"id_type":"permanent-resident","id_number":"usa110190030712"}} | .person.id_number+.person.nationality | USA110190030712USA
resident 15, another | {"person":{"id_type":"permanent-resident","id_number":"USA110190030712","nationality":"GBR"}} | invalid: person.nationality: contradicts the number of the document
resident 18 | {"person":{"id_type":"永久居留证","id_number":"$pr","social_number":null}} | .person.social_number+" "+.person.birth_date | $pr 1990-03-07
resident 18, birth | {"person":{"id_type":"permanent-resident","id_number":"$pr","social_number":null,"birth_date":"1990-03-08"}} | invalid: person.birth_date: contradicts the number of the document
resident 18, check | {"person":{"id_type":"permanent-resident","id_number":"$(spoil "$pr")","social_number":null}} | invalid: person.id_number: the last character does not fit the others; compare with the card
resident, citizen's | {"person":{"id_type":"permanent-resident","id_number":"$man","social_number":null}} | invalid: person.id_number: neither 3 letters and 12 digits nor the 18 characters beginning with 9 of 2023
no social number | {"person":{"id_type":"passport","id_number":"E12345678","social_number":null}} | invalid: person.social_number: is missing; with passport it is not the number of the document
short social number | {"person":{"id_type":"tw-permit","id_number":"12345678","social_number":"A1"}} | invalid: person.social_number: not as apply.social_number of the policy asks
long social number | {"person":{"id_type":"tw-permit","id_number":"12345678","social_number":"A123456789012345678"}} | invalid: person.social_number: more than 18 characters
no birth | {"person":{"id_type":"tw-permit","id_number":"12345678","birth_date":null}} | invalid: person.birth_date: is missing
birth to come | {"person":{"id_type":"tw-permit","id_number":"12345678","birth_date":"2026-03-02"}} | invalid: person.birth_date: lies in the future
birth before 1880 | {"person":{"id_type":"tw-permit","id_number":"12345678","birth_date":"1879-12-31"}} | invalid: person.birth_date: before 1880
no region | {"region":null,"person":{"id_type":"tw-permit","id_number":"12345678"}} | invalid: region: is missing; give -R
EOF

# A number never comes back in a message or on standard error.
cases "$NOW" ss-apply -v <<EOF
silent | {"person":{"id_number":"$(spoil "$man")","social_number":"77777777"}} | .error.code | invalid
EOF
not_ok 'no number in what is said' sh -c \
    '{ jq .error got; cat log; } | grep -E "19900307|77777777"'

# A kind of document that is only in the vocabulary stops the run.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
jq '.id_type.driving = {zh: "驾驶证", en: "driving licence"}' \
    "$SSCARD_DATA/words.json" >data/words.json
status 'a kind of document that no check knows' 3 env SSCARD_DATA=data \
    ss-apply --id-type 驾驶证 --id-number 12345678 -R 11
is 'is named' "$(cat "$W/err")" 'ss-apply: data/words.json:'\
' id_type.driving: no such kind of document is known to this version'
# Numbers under another type than their own.
for begin in 810000 820000 830000; do
	status "$begin is no citizen's" 1 ss-apply -n -R 11 --name 样本 \
	    --id-number "$(citizen $begin 19900307 881)"
	like 'with the type to give' "$(cat "$W/err")" 'residence-permit'
done
status 'a residence permit says nothing of the region' 1 ss-apply -n \
    --name 样本 --id-type residence-permit \
    --id-number "$(citizen 810000 19900307 881)" --nationality HKG
like 'and asks for it' "$(cat "$W/err")" 'region: is missing; give -R'
for date in 2030月11年3 2030-11年3 2030年11年3日; do
	status "no date: $date" 1 ss-apply -n -R 11 --name 样本 \
	    --id-number "$(citizen 110101 19900307 881)" --id-until "$date"
done
done_testing
