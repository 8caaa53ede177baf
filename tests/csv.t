#!/bin/sh
# ss-apply --csv: headings, quotes, encodings, rows that are none.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

n=$(citizen 110101 19900307 881)
m=$(citizen 110101 19900307 882)
names() { # FILE: the names in it, on one line
	jq -r '.person.name // .error.message' "$1" | paste -sd'|' -
}

# Quotes, newlines, line ends.
printf '姓名,身份证号,联系地址,备注\n"张,三",%s,"第 ""1"" 号","a\nb"\n\n,,,\n李四,%s,"",c\n' \
    "$n" "$m" >quotes.csv
status 'quotes and empty rows' 0 ss-apply --csv quotes.csv
cp "$W/out" got
is 'two records' "$(names got)" '张,三|李四'
is 'doubled quotes' "$(jq -c .person.address got)" '"第 \"1\" 号"
null'
is 'a newline in what is kept' "$(jq -c .extra got)" '{"备注":"a\nb"}
{"备注":"c"}'
is 'by numbers' "$(jq -r .person.id_number got)" "$n
$m"
sed 's/$/\r/' quotes.csv >crlf.csv
tr '\n' '\r' <quotes.csv >cr.csv
{ printf '\357\273\277'; cat quotes.csv; } >bom.csv
printf 'name,id_number\n' >header.csv
: >nothing.csv
printf 'name,id_number\na,%s' "$n" >end.csv
status 'CR LF, CR alone, a byte order mark, no row, nothing, no newline' 0 \
    ss-apply --csv crlf.csv cr.csv bom.csv header.csv nothing.csv end.csv
is 'each is read' "$(names "$W/out")" '张,三|李四|张,三|李四|张,三|李四|a'

# Headings: Chinese, English, of both, in any order.
cat >english.csv <<EOF
phone, id_number ,sex,name,id_until,through,kind,id,region
138 0013 8000,$n,male,Zhang San,for life,holder,new,E-1,440303
EOF
status 'English headings in another order' 0 ss-apply --csv english.csv
is 'its record' "$(jq -c '[.id, .kind, .region, .applied.through] +
    (.person | [.name, .phone, .sex, .id_until])' "$W/out")" \
    '["E-1","new","440303","holder","Zhang San","13800138000","1","9999-12-31"]'
cat >mixed.csv <<EOF
person.name,公民身份号码,监护人姓名,监护人身份证号,监护关系,单位名称
李四,$n,王五,$m,母亲,一厂
EOF
is 'paths and people below person' "$(ss-apply --csv mixed.csv |
    jq -c '.person | [.name, .guardian, .employer]')" '["李四",{"name":"王五",'\
'"id_type":"citizen","id_number":"'"$m"'","relation":"mother"},{"name":"一厂"}]'
printf '姓名,电话\na,1\n' >missing.csv
status 'a missing column stops' 3 ss-apply --csv missing.csv
is 'and is named with its headings' "$(cat "$W/err")" 'ss-apply: stopped after'\
' 0 records written: missing.csv: no column for person.id_number; its heading'\
' may be: 证件号码, 身份证号, 身份证号码, 公民身份号码, 公民身份证号码, id_number, id number'
printf '姓名,身份证号,name\na,1,b\n' >twice.csv
status 'a column twice stops' 3 ss-apply --csv twice.csv
is 'and both are named' "$(cat "$W/err")" 'ss-apply: stopped after 0 records'\
' written: twice.csv: columns 1 and 3 both mean person.name'
printf '姓名,身份证号,备注,备注\na,%s,x,y\nb,%s,z,\n' "$n" "$m" >notes.csv
ss-apply --csv notes.csv >got 2>log
is 'two unknown columns of one heading spoil no row' "$(names got)" 'a|b'
is 'and keep both' "$(jq -c '.extra["备注"]' got | head -n 1)" '["x","y"]'

# Files: relative to the folder of their CSV.
mkdir -p forms/files
make-photo >forms/files/p.jpg
printf 1 >forms/files/1.pdf
printf 2 >forms/files/2.pdf
cat >forms/files.csv <<EOF
姓名,证件号码,照片,身份证件,关系证明
a,$n,files/p.jpg,files/1.pdf,$W/forms/files/2.pdf
b,$m,files/none.jpg,,
EOF
status 'files of a CSV in a folder' 1 ss-apply --csv forms/files.csv
cp "$W/out" got
is 'relative and absolute paths' "$(sed 1q got | jq -c \
    '[.photo.path, .documents[].path]')" '["forms/files/p.jpg",'\
'"forms/files/1.pdf","'"$W"'/forms/files/2.pdf"]'
is 'a photo that is not there' "$(sed 1d got | jq -r \
    '.error.code + ": " + .error.message')" \
    'missing: photo: No such file or directory'
cat >forms/both.csv <<EOF
姓名,证件号码,handler_identity_file,单位经办人有效身份证件
a,$n,files/1.pdf,files/2.pdf
EOF
is 'two columns of one kind of document' "$(ss-apply --csv forms/both.csv 2>log |
    jq -c '[.documents[]? | [.kind, .path]]')" \
    '[["handler-identity","forms/files/1.pdf"],'\
'["handler-identity","forms/files/2.pdf"]]'
is 'from standard input: relative to here' "$(ss-apply --csv \
    <forms/files.csv 2>log | jq -r .error.message)" \
    'documents.identity: No such file or directory
photo: No such file or directory'

# Rows that are none.
cat >rows.csv <<EOF
姓名,身份证号,备注
a,$n
"b,c",$m,x,y
d,$m,z
EOF
status 'a wrong number of fields' 1 ss-apply --csv rows.csv
cp "$W/out" got
is 'is the row as it was, with the reason' "$(jq -c \
    'select(.error) | [.error.code, .error.message, .line.number, .line.text]' \
    got)" '["invalid","2 fields where the header has 3",1,"a,'"$n"'"]
["invalid","4 fields where the header has 3",2,"\"b,c\",'"$m"',x,y"]'
is 'and others go on' "$(jq -r 'select(.state) | .person.name' got)" d
{
	echo 姓名,身份证号
	awk -v n="$n" 'BEGIN { for (i = 1; i <= 300; i++) print "r" i "," n }'
	printf 'last,"%s\nand on\n' "$m"
} >open.csv
status 'a quote that is not closed stops' 3 ss-apply --csv open.csv
cp "$W/out" got
is 'naming its row' "$(head -n 1 "$W/err")" 'ss-apply: stopped after 300'\
' records written: open.csv: row 302: a quote is not closed before the end of the file'
is 'the rows before it go out' "$(jq -r .state got | uniq -c | tr -s ' ')" \
    ' 300 applied'
{
	echo 姓名,身份证号,备注
	printf 'a,%s,%s\n' "$n" "$(printf %05000d 0)"
} >long.csv
status 'a row over the limit' 3 ss-apply --csv --line-limit 4096 long.csv
is 'is named' "$(cat "$W/err")" 'ss-apply: stopped after 0 records written:'\
' long.csv: row 2 is longer than the line limit; is a quote not closed?'

# Cells with line breaks, the mark in pieces, the kind of application.
printf '姓名,身份证号,地址,申请类别\na,%s,"x\ny",换卡\n' "$n" >cell.csv
is 'a line break in a cell is a space' \
    "$(ss-apply -n --csv cell.csv | jq -r '.person.address, .kind' |
    paste -sd' ' -)" 'x y replacement'
mkfifo pieces
{ printf '\357'; ss-guide --help >/dev/null; printf '\273'
	ss-guide --help >/dev/null; printf '\277姓名,身份证号\na,%s\n' "$n"
} >pieces &
is 'a byte order mark in pieces' \
    "$(ss-apply -n --csv <pieces | jq -r .person.name)" a
status '--encoding without --csv' 2 ss-apply --encoding utf-8
printf 'NAME*,ID_Number,公民身份证号码2\na,%s,x\n' "$n" >star.csv
is 'headings in capitals, with a star' \
    "$(ss-apply -n --csv star.csv | jq -r .person.name)" a
done_testing
