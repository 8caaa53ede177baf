#!/bin/sh
. "$(dirname "$0")/lib.sh"
# Streams: one line in, one line out, whatever the line is. (run.t has what
# stands around a run, stops.t what ends it early.)

[ -n "${SS_SLOW:-}" ] && broken=100 || broken=5000
limit=8192
lines=$SS_TOP/tests/lines.py
export SSCARD_OPERATOR=wang SSCARD_STATION=desk

verify() {
	ss-verify -o li "$@"
}

# A form: NAME, a number's day and serial, more members.
form() {
	printf '{"person":{"name":"%s","id_number":"%s"}%s}\n' "$1" \
	    "$(citizen 110105 "19900$2" "$3")" "${4:-}"
}

# As status, leaving the output in got and said.
run() {
	status "$@"
	cp out got
	cp err said
}

# Ids and times aside, two runs give the same bytes.
timeless() {
	sed 's/"id":"[0-9a-f-]*"/"id":""/; s/"time":"[0-9TZ:-]*"/"time":""/g' "$@"
}

# --- one in, one out
python3 "$lines" make "$broken" >in
status "broken lines among good ones end with 1" 1 \
    ss-apply -q --line-limit $limit in
cp out one
ok "none is lost or changed" sh -c "python3 $lines check $broken ss-apply <one"
ss-apply -q --line-limit $limit <in |
    ss-verify -q -o li --line-limit $limit |
    ss-verify -q -o chen --line-limit $limit >three
ok "nor by three commands in a row" \
    sh -c "python3 $lines check $broken ss-verify <three"
grep -a '^{"error":{"tool":"ss-apply"' one >a
grep -a '^{"error":{"tool":"ss-apply"' three >b
ok "what failed upstream keeps its bytes" cmp a b
timeless one >want
for j in 1 2 5; do
	ss-apply -q --line-limit $limit -j$j in | timeless >got
	ok "-j$j gives the same" cmp got want
done
grep -a '"state":"applied"' one >a
timeless one >/dev/null
verify -q a | timeless >want
verify -q -j5 a | timeless >got
ok "ss-verify -j5 gives the same" cmp got want
is "ids ascend and differ" "$(jq -r .id a | sort -cu && echo yes)" yes

# --- lines that are too long
{ echo; printf '{"a":"'; head -c 2000000 /dev/zero | tr '\0' x; echo '"}'; } >in
ss-apply -q in >got
is "a line over 1 MiB: its number and length" \
    "$(sed -n 2p got | jq -c '[.line.number, .line.length, .error.code]')" \
    '[2,2000008,"invalid"]'
is "its head" "$(sed -n 2p got | jq -j .line.head)" \
    "$(sed -n 2p in | head -c 256)"
is "its SM3" "$(sed -n 2p got | jq -r .line.sm3)" \
    "$(sed -n 2p in | head -c 2000008 | openssl dgst -sm3 -r | cut -c1-64)"
pad=$(head -c 4000 /dev/zero | tr '\0' ' ')
form 王小明 307 123 ",\"pad\":\"$pad\"" >in
run "a record within --line-limit that would pass it" 1 \
    ss-apply --line-limit 4200 in
is "is kept with an error, where that fits" \
    "$(jq -c '[.error.message, (.pad|length)]' got)" \
    '["the record would pass the line limit",4000]'
pad=$(head -c 4080 /dev/zero | tr '\0' ' ')
form 王小明 307 123 ",\"pad\":\"$pad\"" >in
run "one that is too long with its error" 1 ss-apply --line-limit 4200 in
is "becomes its head and an error" \
    "$(jq -c '[.error.code, (.line|keys), (.line.length > 4000)]' got)" \
    '["invalid",["head","length","number","sm3"],true]'
not_ok "and holds no more of it" grep -q applied got
status "and fits a larger one" 0 ss-apply --line-limit 5000 in
status "--line-limit has a floor" 2 ss-apply --line-limit 4095 in

# --- splicing
kept='"r":1.10|"e" : 1E5|"t":"\u00e9\/"|"o":{ "x" : [1, 2 ] }|"b":9007199254740993'
form 王小明 307 123 ",$(echo "$kept" | tr '|' ',')" >in
ss-apply <in >applied
verify <applied >reviewed
for f in applied reviewed; do
	got=
	IFS='|'
	for m in $kept; do
		grep -qF "$m" $f && got="$got$m|"
	done
	unset IFS
	is "members that nobody touched keep their bytes, $f" "$got" "$kept|"
done
jq -c 'del(.state)' applied | sed 's/^{/{"\\u0073t\\u0061te":"returned",/' >in
ss-apply in >got
is "a name written with escapes is the same name" \
    "$(jq -c '[.state, .applied.revision]' got)" '["applied",2]'
is "and is written once" "$(grep -oE '"(state|.u0073t[^"]*)"' got | wc -l)" 1
printf '\t { "error":null , "person" : 5 }\r\n' >in
ss-apply -q in >got
is "an error of null is none, and replaced" \
    "$(jq -c '[.error.code, .person]' got)" '["invalid",5]'
is "once" "$(grep -o '"error"' got | wc -l)" 1
printf ' {"state":"collected", "x": 1 } \n' >in
run "a record that is not due passes" 0 verify in
ok "with all its bytes" cmp got in
like "and is counted" "$(cat said)" '^ss-verify: 1 record: 1 passed untouched$'
printf '{"\\u0065rror":{"code":"x"}, "y":1.50}\n' >in
run "an error from upstream, its name with escapes" 1 verify in
ok "passes with all its bytes" cmp got in

# --- mending, and what was done already
form 王小明 307 123 ',"photo":"late.jpg"' >in
form 李小红 308 124 >>in
run "a record without its photo fails" 1 ss-apply in
is "the other does not" "$(jq -r '.error.code // .state' got | xargs)" \
    'missing applied'
cp got failed
make-photo >late.jpg
jq -c 'select(.error) | del(.error)' failed >mended
run "mended, it goes through" 0 ss-apply mended
is "and is whole" "$(jq -c '[.state, .photo.width, .person.name]' got)" \
    '["applied",358,"王小明"]'
cp got applied
run "a second run succeeds" 0 ss-apply applied
sed 's/}$/,"already":true}/' applied >want
ok "and says so, changing nothing else" cmp got want
cp got again
run "so does a third" 0 ss-apply again
ok "once" cmp got again
run "ss-verify takes it" 0 verify again
is "and removes the word" "$(jq -c .already got)" null

done_testing
