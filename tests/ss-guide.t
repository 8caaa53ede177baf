#!/bin/sh
# ss-guide: topics, formats, languages, the documents of one applicant; that
# what it shows moves with what the other commands obey; and the page as a
# browser sees it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# A data folder of our own, to change policies in.
cp -r "$SSCARD_DATA" "$W/data"
set_policy() { # FILTER: changes Changchun's policy
	jq "$1" "$SSCARD_DATA/policies/2201.json" >"$W/data/policies/2201.json"
}
mine() {
	env SSCARD_DATA="$W/data" "$@"
}

# Topics.
ss-guide -R 2201 --lang en --format json >all.json
is "five topics" "$(jq -r '[.topics[].name] | join(" ")' all.json)" \
	"functions apply use loss rights"
is "region" "$(jq -r .region all.json)" 220100
is "the policy that holds" "$(jq .policy.photo.max_bytes all.json)" 51200
is "one topic" "$(ss-guide --format json loss |
	jq -r '[.topics[].name] | join(" ")')" loss
is "two topics in the guide's order" "$(ss-guide --format json use apply |
	jq -r '[.topics[].name] | join(" ")')" "apply use"
like "nation by default, in Chinese" "$(ss-guide | head -n 1)" '^全国.*服务指南$'
like "a county has its full name" "$(ss-guide -R 220102 | head -n 1)" \
	'^吉林省长春市南关区'
like "English" "$(ss-guide -R 4403 --lang en | head -n 1)" 'Shenzhen'

# Usage.
status "an unknown topic" 2 ss-guide lost
status "an unknown format" 2 ss-guide --format pdf
status "an unknown language" 2 ss-guide --lang fr
status "an unknown document" 2 ss-guide --id-type licence
like "is named with the set" "$(cat err)" 'licence.*id_type'
status "a region that is none" 2 ss-guide -R 999999
status "a region of three digits" 2 ss-guide -R 220
status "no data" 3 env SSCARD_DATA="$W/none" ss-guide
like "with the cure" "$(cat err)" 'SSCARD_DATA'
status "a full disk" 3 sh -c 'ss-guide >/dev/full'

# The documents of one applicant.
kinds() {
	jq -r '[.documents[] | .kind + (if .copies > 1 then "*\(.copies)"
		else "" end)] | join(" ")'
}
is "an adult" "$(ss-guide --age 30 --format json | kinds)" identity
is "a child" "$(ss-guide --age 5 --format json | kinds)" \
	"identity guardian-identity relation"
is "fifteen is a child" "$(ss-guide --age 15 --format json |
	jq -r .applicant.through)" guardian
is "sixteen is none" "$(ss-guide --age 16 --format json |
	jq -r .applicant.through)" holder
is "a proxy" "$(ss-guide --age 30 --proxy --format json | kinds)" \
	"identity proxy-identity authorisation"
is "an employer" "$(ss-guide --through 用人单位 --format json | kinds)" \
	"identity employer-letter handler-identity*2"
is "no photo in Haikou at six" \
	"$(ss-guide -R 4601 --age 6 --format json | jq -c .photo)" null
is "a photo in Haikou at seven" \
	"$(ss-guide -R 4601 --age 7 --format json | jq .photo.width)" 358

# From applications on standard input.
cat >forms.jsonl <<EOF
{"region":"220102","person":{"id_number":"$(citizen 220102 19900101 001)"}}
{"region":"460105","person":{"birth_date":"2022-01-01"}}
not a record
{"person":{"id_type":"passport"},"applied":{"through":"proxy"}}
EOF
status "applications, one of them bad" 1 \
	ss-guide documents --format json forms.jsonl </dev/null
status "applications on standard input" 1 \
	sh -c 'ss-guide documents --format json <forms.jsonl'
is "one page each" "$(jq -r .region out | tr '\n' ' ')" \
	"220102 460105 000000 "
is "its documents" "$(sed -n 3p out | kinds)" \
	"identity proxy-identity authorisation"
like "the bad one is named" "$(cat err)" 'record 3: invalid'
is "an operand - is the same" "$(ss-guide --format json - <forms.jsonl \
	2>/dev/null | wc -l)" 3
is "what ss-apply made goes in" "$(ss-apply -n -R 2201 --name 王样本 \
	--id-number "$(citizen 220102 19900101 001)" | ss-guide documents \
	--format json | jq .applicant.age)" "$(ss-guide documents \
	--format json <forms.jsonl 2>/dev/null | head -n 1 | jq .applicant.age)"

# The figures shown are those obeyed: change a member, both move.
make-photo --pad-to 30000 >photo.jpg
make-photo --seed 2 >id.jpg
result() { # the result of a check on a good application, by our data
	mine ss-apply -R 2201 -o wang --name 王样本 \
		--id-number "$(citizen 220102 19900101 001)" \
		--id-until 2099-01-01 --phone 13800000001 --address 样本路1号 \
		--photo photo.jpg --document identity=id.jpg |
		mine ss-verify -o li | jq -r --arg c "$1" \
		'.review.checks[] | select(.check == $c) | .ok'
}
is "30,000 bytes are accepted" "$(result photo-bytes)" true
set_policy '.photo.max_bytes = 29696'
is "and not with 29 KB" "$(result photo-bytes)" false
like "the guide says 29 KB" "$(mine ss-guide -R 2201 apply)" '29 KB'
set_policy '.photo.width = 400'
is "nor 358 px with 400 asked for" "$(result photo-size)" false
like "the guide says 400" "$(mine ss-guide -R 2201 apply)" '400'
set_policy '.apply.documents.household = "always"'
is "one document more" "$(result documents)" false
is "is in the guide" "$(mine ss-guide -R 2201 --age 30 --format json |
	kinds)" "identity household"
set_policy '.apply.guardian_below = 30'
status "an older age for a guardian" 1 mine ss-apply -n -R 2201 --name 王样本 \
	--id-number "$(citizen 220102 "$(date -d '-29 years' +%Y)0101" 001)"
like "is in the guide" "$(mine ss-guide -R 2201 apply)" '30 周岁'
set_policy '.apply.id_types = ["citizen"] | .apply.social_number = null'
status "a document not accepted" 1 mine ss-apply -n -R 2201 --name X \
	--id-type passport --id-number P1234567 --birth-date 1990-01-01 \
	--social-number GBRP1234567
is "is not in the guide" "$(mine ss-guide -R 2201 apply | grep -c 护照)" 0
status "and not advised on" 3 mine ss-guide -R 2201 --id-type passport
set_policy '.guide.loss = [{"zh": "本市<另有>规定&说明", "en": "More & <more>"}]'
like "a region's own words, escaped" \
	"$(mine ss-guide -R 2201 --format html loss)" '&lt;另有&gt;规定&amp;说明'

# The page: valid, and readable on a phone.
browser=$(command -v chromium || command -v chromium-browser)
wide() { # FILE WIDTH: scroll width beyond the client's, in a frame so wide
	cat >frame.html <<EOF
<!doctype html><title>-</title>
<iframe id=f src="$1" style="width:${2}px;height:600px;border:0"></iframe>
<script>onload = function () {
var d = document.getElementById('f').contentDocument.documentElement
document.title = 'over ' + (d.scrollWidth - d.clientWidth) + ' of ' +
d.clientWidth }</script>
EOF
	timeout 100 "$browser" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--allow-file-access-from-files --user-data-dir="$W/browser" \
		--virtual-time-budget=5000 --dump-dom "file://$W/frame.html" \
		2>browser.err | sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p'
}
for lang in zh en; do
	ss-guide -R 2201 --lang $lang --format html >$lang.html
	is "$lang: tidy finds nothing" "$(tidy -e -q -utf8 $lang.html 2>&1)" ""
	like "$lang: the language is said" "$(cat $lang.html)" \
		"<html lang=\"$lang"
	is "$lang: nothing is loaded from elsewhere" \
		"$(grep -cE '<script|<link|@import|url\(|src=' $lang.html)" 0
	like "$lang: fits a phone of 320 px" "$(wide $lang.html 320)" \
		'^over 0 of 3[0-9][0-9]$'
done

status "--proxy against --through" 2 ss-guide --proxy --through holder
status "a topic and an applicant" 2 ss-guide --age 3 loss
mkfifo never
sh -c 'exec ss-guide documents <never' >/dev/null 2>&1 &
pid=$!
exec 7>never
kill -TERM $pid
wait $pid
is "ends by the signal that ends it" $? 143
exec 7>&-
done_testing
