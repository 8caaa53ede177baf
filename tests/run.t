#!/bin/sh
. "$(dirname "$0")/lib.sh"
# What stands around a run: rejects, operands, exit statuses, what is said.

export SSCARD_OPERATOR=wang SSCARD_STATION=desk

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

make-photo >late.jpg

# --- rejects
umask 0
form 王小明 307 123 >in
{ echo junk; form 李小红 308 124; echo '{"error":{"code":"io"}}'; echo; } >>in
run "--rejects: the status is still 1" 1 ss-apply --rejects rejects in
is "the good go on" "$(jq -r .person.name got | xargs)" '王小明 李小红'
is "the bad are diverted" \
    "$(jq -r '.line.text // .error.code' rejects | xargs)" 'junk io'
is "one line each" "$(wc -l <rejects)" 3
is "its mode" "$(stat -c %a rejects)" 600
ss-apply -q --rejects rejects in >got
is "a second run appends" "$(wc -l <rejects)" 6
rm rejects
yes '[' | head -n 3000 >bad
ss-apply -q --rejects rejects bad &
ss-apply -q --rejects rejects bad
wait $!
is "two commands may share it" "$(jq -s length rejects)" 6000
umask 022

# --- operands
form 王小明 307 123 >a
form 李小红 308 124 | tr -d '\n' >b
: >c
echo junk >d
run "files and - in their order" 1 sh -c 'ss-apply a c b c - d <a'
is "none glued to the next" "$(jq -r '.person.name // .line.number' got |
    xargs)" '王小明 李小红 王小明 4'
run "no line, no record" 0 ss-apply c
is "and nothing said" "$(cat got said)" ''
run "a missing file" 3 ss-apply a b none a
is "does not lose what was read" "$(jq -r .person.name got | xargs)" \
    '王小明 李小红'
is "which is worked on" "$(jq -r .state got | xargs)" 'applied applied'
like "is told" "$(cat said)" \
    '^ss-apply: stopped after 2 records written: none: No such file'
run "a folder is no input" 3 ss-apply "$W"
run "an unknown option" 2 ss-apply --no-such-thing
like "is named" "$(cat said)" '^ss-apply: no option --no-such-thing; see'
for o in -j0 -j65 -j1x --line-limit=x -Z; do
	status "usage: $o" 2 ss-verify "$o" a
done
run "--help is a success" 0 ss-verify --help
is "on standard output" "$(cat said)" ''
ok "-- ends the options" ss-apply -- a

# --- what is said, and what is not
form 王小明 307 123 ',"photo":"late.jpg"' >in
yes junk | head -n 30 >>in
ss-apply -n --files unmade --rejects unmade2 in >got 2>said
is "-n gives every record" "$(jq -s 'length, .[0].state' got | xargs)" \
    '31 applied'
ok "-n writes no file" test ! -e unmade -a ! -e unmade2
is "ten failures are told, and the sum" "$(wc -l <said)" 11
like "by number" "$(sed -n 1p said)" \
    '^ss-apply: record 2: invalid: byte 4: not JSON$'
like "the sum" "$(tail -n1 said)" '^ss-apply: 31 records: 1 done, 30 failed$'
ss-apply -v in >got 2>said
is "-v tells all" "$(wc -l <said)" 31
run "-q fails as well" 1 ss-apply -q in
is "and tells none" "$(cat said)" ''
run "all good" 0 ss-apply a
is "needs no words" "$(cat said)" ''
run "but with -v" 0 ss-apply -v a
is "is counted" "$(cat said)" 'ss-apply: 1 record: 1 done'

number=$(citizen 110105 19900307 123)
for m in '"id_number":"'"${number%?}"'"' '"id_number":"11010519900307123A"' \
    '"id_number":"'"$number"'","sex":"2"' \
    '"id_number":"'"$number"'","birth_date":"1990-03-99"' \
    '"id_number":"'"$number"'","phone":"139not5550101"' \
    '"id_number":"'"$number"'","guardian":{"name":"赵大宝","phone":"1"}' \
    '"id_number":"'"$number"'","id_type":"王大拿"' \
    '"id_number":"'"$number"'","social_number":"110105195001010017"' \
    '"id_number":"'"$number"'","birth_date":1,"birth_date":"王大拿"'; do
	printf '{"person":{"name":"王大拿",%s}}\n' "$m"
	printf '{"person":{"name":"王大拿",%s}\n' "$m"
done >in
run "records that fail for their persons" 1 ss-apply -v in
is "none is good" "$(jq -r '.error.code' got | sort | uniq -c | xargs)" \
    '18 invalid'
not_ok "no person on standard error" \
    grep -E '王|赵|1101051|1990|139|0307|王大拿' said
{
	echo '{"person":{"王大拿":"13900000000"}}'
	echo '{"person":{"'"$number"'":"王大拿"}}'
	form 王小明 307 123 ',"documents":{"王大拿":"x.jpg"}'
	form 王小明 307 123 ',"documents":[{"kind":"'"$number"'","path":"x"}]'
	form 王小明 307 123 ',"photo":"/none/王大拿.jpg","id":"王大拿"'
	form 王小明 307 123 ',"region":"王大拿"'
} >in
run "what was filled in at the wrong place" 1 ss-apply -v in
is "is refused" "$(jq -r .error.code got | uniq -c | xargs)" '6 invalid'
not_ok "and not repeated on standard error" grep -E '王|1101051|139' said
run "an option with its value glued to it" 2 ss-apply --name王大拿
not_ok "is not repeated either" grep 王 said

# A desk whose locale is GB18030 names itself in it.
echo "{\"photo\":{\"sm3\":\"$(printf %064d 0)\"},\"person\":{\"name\":\"a\",
    \"id_number\":\"$number\"}}" | tr -d '\n' >stored
for o in "-o$(printf '\316\344')" "--station=$(printf '\316\344')" \
    "--files=$W/x$(printf '\200')"; do
	ss-apply -q "$o" stored a >got 2>said
	ok "${o%%[!a-z-]*} not in UTF-8: nothing but UTF-8 comes out" \
	    iconv -f utf-8 -t utf-8 got
done
status "no operator" 2 ss-apply -o '' few
like "is asked for" "$(cat err)" 'say --operator'
status "-V on a full disk" 3 sh -c 'ss-apply -V >/dev/full'
echo '{"error":false,"person":{}}' >false
status "error: false is none" 1 ss-apply false
is "and it is worked on" "$(jq -r .error.code out)" invalid
done_testing
