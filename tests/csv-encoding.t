#!/bin/sh
# ss-apply --csv: UTF-8 and GB18030, found out or told; several files.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

n=$(citizen 110101 19900307 881)
m=$(citizen 110101 19900307 882)
gb() { # FILE: the same in GB18030
	iconv -f UTF-8 -t GB18030 "$1"
}
names() { # FILE: the names in it, on one line
	jq -r '.person.name // .error.message' "$1" | paste -sd'|' -
}

printf '姓名,身份证号\n张三,%s\n𠀀㐀,%s\n' "$n" "$m" >wide.csv
gb wide.csv >wide.gb.csv
printf 'phone,id number,name\n138 0013 8000,%s,Zhang San\n' "$n" >english.csv
{ printf '\357\273\277'; cat english.csv; } >bom.csv
printf 'name,id_number\na,%s\n张三,%s\n' "$n" "$m" >later.csv
gb later.csv >later.gb.csv
status 'several files, each with its header and encoding' 0 ss-apply --csv \
    wide.gb.csv english.csv bom.csv - later.csv later.gb.csv <wide.csv
cp "$W/out" got
is 'four bytes; Chinese only later; in order' "$(names got)" \
    '张三|𠀀㐀|Zhang San|Zhang San|张三|𠀀㐀|a|张三|a|张三'
is 'GB18030 by an older name' \
    "$(ss-apply --csv --encoding GBK wide.gb.csv | names -)" '张三|𠀀㐀'
ss-apply --csv --encoding utf-8 later.gb.csv >got 2>log
is 'told wrong: the row has the cure' "$(names got)" \
    'a|the row is not UTF-8; say --encoding'
is 'and its bytes' "$(jq -r 'select(.error) | .line | .encoding + " " + .text' \
    got | { read -r e t; echo "$e"; echo "$t" | base64 -d; } | iconv -f GB18030)" \
    "base64
张三,$m"
iconv -f UTF-8 -t UTF-16 wide.csv >utf16.csv
status 'UTF-16 stops' 3 ss-apply --csv utf16.csv
is 'with the cure' "$(cat "$W/err")" 'ss-apply: stopped after 0 records'\
' written: utf16.csv: UTF-16; save it as CSV in UTF-8'
status 'another encoding' 2 ss-apply --csv --encoding big5 wide.csv
is 'is named' "$(cat "$W/err")" \
    'ss-apply: CSV is read as utf-8 or gb18030, not big5'
printf '姓名,电话\na,1\n' >missing.csv
status 'one of them without a column' 3 ss-apply --csv wide.csv missing.csv
like 'is named' "$(cat "$W/err")" 'missing.csv: no column for person.id_number'
# One spoiled line makes no other sheet of all of them.
n() {
	citizen 110101 19900307 "$1"
}
{
	echo name,id_number
	for i in 881 883 885 887; do echo "张三,$(n $i)"; done
	printf '王\344,%s\n' "$(n 889)"
} >mix.csv
status 'a line of UTF-8 that is spoiled' 1 ss-apply -n --csv mix.csv
is 'spoils no other' "$(jq -r '.person.name // .error.code' "$W/out" |
    paste -sd' ' -)" '张三 张三 张三 张三 invalid'
ss-apply -n --csv mix.csv 2>/dev/null | sed 's/"id":"[^"]*"//;s/"time":"[^"]*"//' >whole
mkfifo slow
{ head -n 2 mix.csv; ss-guide --help >/dev/null; sed 1,2d mix.csv; } >slow &
ss-apply -n --csv <slow 2>/dev/null | sed 's/"id":"[^"]*"//;s/"time":"[^"]*"//' >pieces
ok 'the same in pieces' cmp whole pieces
{
	printf 'name,id_number\n'
	for i in 881 883; do echo "王样,$(n $i)" | iconv -t GB18030; done
	echo "李样,$(n 885)"
} >other.csv
status 'a line of UTF-8 in a sheet of GB18030' 1 ss-apply -n --csv other.csv
is 'is refused, not garbled' "$(jq -r '.person.name // .error.code' "$W/out" |
    paste -sd' ' -)" '王样 王样 invalid'
done_testing
