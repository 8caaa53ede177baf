#!/bin/sh
# The manual: it is well formed, it says what the code says, and its examples
# run.
# shellcheck disable=SC2030,SC2031 # each register has a shell of its own
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

man=$SS_TOP/man
schema=$SS_TOP/lib/rules/schema.c
words=$SSCARD_DATA/words.json

# The terms of an .It line of one macro: "items Va FILE [SECTION]".
items() {
	awk -v macro="$1" -v want="${3:-}" '
		/^\.Sh / { section = substr($0, 5) }
		$1 == ".It" && $2 == macro && (want == "" || want == section) {
			sub(/ Pq .*/, "")
			for (i = 3; i <= NF; i++)
				if ($i != "," && $i != macro)
					print $i
		}' "$2" | sort
}

# Form, and references to pages that there are.
for page in "$man"/*.[157]; do
	name=${page##*/}
	is "mandoc finds nothing wrong with $name" \
		"$(mandoc -T lint -W warning "$page" 2>&1)" ""
	refs=$(sed -n 's/^\.\(It \)\{0,1\}Xr \([^ ]*\) \([1-9]\).*/\2.\3/p' \
		"$page" | sort -u)
	lost=
	for ref in $refs; do
		case $ref in
		jq.1 | ps.1 | ssh.1 | umask.2 | iconv_open.3 | glob.7 | regex.7) ;;
		*) [ -f "$man/$ref" ] || lost="$lost $ref" ;;
		esac
	done
	is "$name refers to pages that there are" "$lost" ""
done

# Sections, and the environment. That the synopsis and the options are those
# of --help is house.t's.
for bin in "$SS_BIN"/ss-*; do
	name=${bin##*/}
	"$bin" --help | grep -o 'SSCARD_[A-Z]*' >>variables
	lost=
	for section in NAME SYNOPSIS DESCRIPTION OPTIONS INPUT OUTPUT \
		ENVIRONMENT FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
		grep -qx "\.Sh $section" "$man/$name.1" ||
			lost="$lost $section"
	done
	is "$name.1 has every section" "$lost" ""
done
lost=$(sort -u variables | while read -r variable; do
	grep -qx "\.It Ev $variable" "$man/sscard.7" || echo "$variable"
done)
is "sscard.7 has every variable of --help" "$lost" ""

# Error words.
sed -n 's/^[[:space:]]*\[SS_E.*\] = "\(.*\)",$/\1/p' \
	"$SS_TOP/lib/base/err.c" | sort >want
items Cm "$man/sscard.7" DIAGNOSTICS >got
ok "err.c has error words" test -s want
ok "sscard.7 has the error words" diff want got

# The schema: every member, with its type and limits.
sed '1,/^static const struct ss_schema table/d;/^};/,$d' "$schema" |
	tr -s '\n\t ' ' ' | sed 's/4 << 20/4194304/g' |
	sed 's/\([A-Z_]*("\)/\n\1/g' | grep '^[A-Z_]*("' >table
cut -d '"' -f 2 table | sort >want
items Va "$man/ss-policy.5" MEMBERS >got
ok "the schema has members" test -s want
ok "ss-policy.5 has the members of the schema" diff want got
sed -n -e 's/^INT("\([^"]*\)", [^,]*, \([0-9]*\), \([0-9]*\), "\([^"]*\)").*/\1 \4, \2 to \3/' \
	-e 's/ , / /' \
	-e 's/^TERM("\([^"]*\)".*/\1 period, optional/' \
	-e 's/^BOOL("\([^"]*\)".*/\1 true or false/' \
	-e 's/^LIST_HAVING("\([^"]*\)", [^,]*, "\([^"]*\)", .*/\1 list of \2/' \
	-e 's/^LIST("\([^"]*\)", [^,]*, "\([^"]*\)").*/\1 list of \2/' \
	-e '/(/!p' table | sort >want
sed -n 's/^\.It Va \([^ ]*\) Pq /\1 /p' "$man/ss-policy.5" |
	grep -E ' (.*[0-9] to [0-9]+|period, optional|true or false|list of .*)$' |
	sort >got
ok "ss-policy.5 has their types and limits" diff want got
lost=$(jq -r 'keys_unsorted[]' "$words" | while read -r set; do
	sed -n '/^\.It Pa words.json/,/^\.It Pa col/p' "$man/ss-policy.5" |
		grep -qw "$set" || echo "$set"
done)
is "ss-policy.5 has the sets of words" "$lost" ""

# The placeholders of the notices, in the order of the table.
sed -n '/^const struct ss_notice_own /,/^};/s/^	{ "\([a-z_]*\)",.*/\1/p' \
	"$SS_TOP/lib/rules/notice_fill.c" >want
sed -n '/^\.Sh PLACEHOLDERS/,/^\.Sh /s/^\.It Va //p' \
	"$man/ss-notices.5" >got
ok "the notices have placeholders" test -s want
ok "ss-notices.5 has the placeholders of notice_fill.c" diff want got
jq -r 'keys_unsorted[]' "$SSCARD_DATA/notices.json" >want
items Va "$man/ss-notices.5" MEMBERS | grep -v '\.' >got
ok "and the members of notices.json" sh -c 'sort want | diff - got'
awk '/^\.Bd -literal -offset indent$/ { on = 1; next }
	/^\.Ed$/ { on = 0 }
	on' "$man/ss-notices.5" >example
ok "its example is JSON" jq -e '.ready.sms.en' example

# Checks and the other words of a record.
jq -r '.check | keys[]' "$words" | sort >want
items Cm "$man/ss-record.5" CHECKS >got
ok "ss-record.5 has the checks of words.json" diff want got
lost=$(jq -r '.id_type, .household, .collection, .relation, .document, .through,
	.channel | keys[]' "$words" | while read -r word; do
	grep -Eq "^\.Cm (.* )?$word( |\$)" "$man/ss-record.5" || echo "$word"
done)
is "ss-record.5 has the words of a record's members" "$lost" ""

# The faults that a card may have: those of the check, and of a lost card.
{
	sed -n -e 's/.*fault(s, "\([a-z-]*\)").*/\1/p' \
		-e 's/.*"\([a-z-]*-differs\)" },$/\1/p' \
		"$SS_TOP/lib/desk/reading_check.c"
	sed -n 's/^	\[SS_LOST.*{ "\([a-z-]*\)", .*/\1/p' \
		"$SS_TOP/lib/books/life.c"
} | sort >want
sed -n '/^\.Ss Faults/,/^\.El/s/^\.It Cm //p' "$man/ss-read.1" | sort >got
ok "a card may have faults" test "$(wc -l <want)" -gt 12
ok "ss-read.1 has them" diff want got

# The life of an application: for each step the states and the statuses that it
# begins from, what it leaves, and who may.
awk '
	function expand(set,	out, i) {
		gsub(/LIVE/, live, set)
		gsub(/OPEN/, open, set)
		sub(/^NO_CARD/, "S(NO_CARD)", set)
		if (set == "ANY_STATUS")
			return "any"
		if (set == "ANY_STATUS & ~S(CARD_CANCELLED)") {
			for (i = 1; i < statuses; i++)
				out = out "," status[i]
			return substr(out, 2)
		}
		n = split(set, part, " \\| ")
		for (i = 1; i <= n; i++)
			out = out "," word[part[i]]
		return substr(out, 2)
	}
	/^static const char \*const state_words/ { words = 1 }
	words { text = text $0 }
	words && /;$/ {
		n = split(text, w, "\"")
		for (i = 2; i < n; i += 2) {
			name = toupper(w[i])
			word["S(" (name == "NONE" ? "STATE_NONE" : name) ")"] = w[i]
		}
		words = 0
		text = ""
	}
	/^\t\[SS_[A-Z_]*\] = \{ "[a-z-]*", -?[0-9] \},/ {
		split($0, q, "\"")
		name = $1
		gsub(/\[SS_|\]/, "", name)
		word["S(" name ")"] = status[++statuses] = q[2]
	}
	/^#define (OPEN|LIVE) / {
		set = $0
		sub(/^[^(]*\(/, "", set)
		sub(/\)$/, "", set)
		if ($2 == "OPEN")
			open = set
		else
			live = set
	}
	/^const struct ss_transition ss_life/ { table = 1; next }
	table && /^};/ { exit }
	table { text = text " " $0 }
	table && /},$/ {
		gsub(/[ \t]+/, " ", text)
		split(text, f, ", ")
		split(text, q, "\"")
		gsub(/[" },]/, "", f[9])
		print q[2], expand(f[3]), \
		    f[4] == "SS_SAME" ? "=" : word["S(" substr(f[4], 4) ")"], \
		    expand(f[5]), \
		    f[6] == "SS_SAME" ? "=" : word["S(" substr(f[6], 4) ")"], \
		    f[9] == "NULL" ? "-" : f[9]
		text = ""
	}' "$SS_TOP/lib/books/life.c" >want
sed -n '/^\.Sh STATES/,/^\.Sh SEE/s/^\.It \([^E].* Ta .*\)/\1/p' \
	"$man/sscard.7" | sed 's/^Ta/ Ta/' | awk -F ' *Ta *' '
	function tell() {
		if (step != "")
			print step, from, to, cards, left, who
	}
	{ sub(/^ +/, "", $1) }
	$1 != "" {
		tell()
		step = $1; from = $2; cards = $4; who = $6
		to = $3 == "" ? "=" : $3
		left = $5 == "" ? "=" : $5
		next
	}
	$2 != "" { from = from "," $2 }
	$4 != "" { cards = cards "," $4 }
	END { tell() }' >got
ok "life.c has a table" test "$(wc -l <want)" -gt 20
ok "sscard.7 has the steps of life.c" diff want got
cut -d ' ' -f 1 want >steps
sed -n '/^What the steps mean/,/^\.El/s/^\.It //p' "$man/sscard.7" >got
ok "and says what each means" diff steps got

# The tables of the register: every column with its type, every index.
sed '/^const struct ss_sql_part ss_sql_schema/,$d' \
	"$SS_TOP/lib/books/registry_sql.c" | tr '\n' ' ' |
	sed 's/" *"//g; s/static const char/\n/g; s/$/\n/' >statements
{
	sed -n 's/.*CREATE \(UNIQUE \)*INDEX \([a-z_]*\) ON \([a-z_]*\) .*/\2 \1\3/p' \
		statements
	sed -n 's/.*CREATE TABLE \([a-z_]*\) (/\1, /p' statements |
		while read -r table rest; do
			echo "$rest" |
			grep -oE '(^|, )[a-z0-9_]+ (TEXT|BIGINT)' |
			sed "s/^, //; s/^/${table%,}./"
		done
} | sort >want
awk '
	/^\.Sh / { on = $2 == "TABLES" }
	on && /^\.Ss / { table = $2 }
	on && $1 == ".It" { item = $3; next }
	on && item != "" && table != "Indexes" {
		print table "." item, \
		    /^Text/ ? "TEXT" : /^Integer/ ? "BIGINT" : $0
		item = ""
	}' "$man/ss-registry.5" >got
awk '
	/^\.Ss / { on = $2 == "Indexes" }
	on && $1 == ".It" { item = $3; unique = "" }
	on && item != "" && /^Unique/ { unique = "UNIQUE " }
	on && item != "" && $1 == ".Va" && previous == "of" {
		print item, unique $2
		item = ""
	}
	{ previous = $0 }' "$man/ss-registry.5" >>got
sort -o got got
ok "the register has columns" test "$(wc -l <want)" -gt 60
ok "ss-registry.5 has the columns and indexes" diff want got

# What the examples use, in a folder of their own.
a=$(citizen 110101 19900307 123)
b=$(citizen 440305 19851112 204)
mkdir prepared
cd prepared || exit 1
make-photo >photo.jpg
make-photo --seed 3 >id.jpg
cat >forms.jsonl <<EOT
{"id":"a1","region":"110101","person":{"name":"张三","id_number":"$a","id_until":"长期","phone":"13800000001","email":"a1@example.org","address":"一路1号"},"photo":"photo.jpg","documents":{"identity":"id.jpg"}}
{"id":"a2","region":"440305","person":{"name":"李四","id_number":"$b","id_until":"长期","phone":"13800000002","email":"a2@example.org","address":"二路2号"},"photo":"photo.jpg","documents":{"identity":"id.jpg"}}
EOT
cat >forms.csv <<EOT
id,区划代码,姓名,身份证号,证件有效期止,手机号码,地址,照片,身份证件,备注
c1,110101,张三,$a,长期,13800000001,一路1号,photo.jpg,id.jpg,加急
c2,440305,李四,$b,长期,13800000002,二路2号,photo.jpg,id.jpg,
EOT
echo for-trying-out >passphrase
for store in keys.110100 test.keys.220100; do
	ss-key -q -k "file:${store%.*}" --work 10 --passphrase-fd 3 \
		test "${store##*.}" 3<passphrase >/dev/null
done
ss-softcard new blank --region 110101
ss-softcard new pile --feeder --count 3 --region 110101
for id in a1 a2 c1 c2; do
	echo "{\"id\":\"$id\",\"check\":\"face\",\"ok\":true}"
done >decisions.jsonl
cd "$W" || exit 1
mkdir commands		# what examples run that is none of ours
printf '#!/bin/sh\nexec cat >/dev/null\n' >commands/sendmail
chmod +x commands/sendmail
PATH=$PATH:$W/commands

# The default register with two applications that are pending, and its files.
(
	cd prepared && SSCARD_REGISTRY='' XDG_STATE_HOME="$W/registered" \
		SSCARD_FILES="$W/registered/files" \
		sh -c 'ss-apply -q -o wang forms.jsonl | ss-verify -q -o li'
) >/dev/null

# Another one with two cards in use, whose records are in cards.jsonl.
mkdir carded carded/sscard
db=$W/carded/sscard/registry.db
(
	cd prepared && ss-apply -q -o wang -g "$db" forms.jsonl |
		ss-verify -q -o li -g "$db" \
			--attest likeness,bareheaded,face \
			>../carded/approved.jsonl
	make-card -g "$db" <../carded/approved.jsonl |
		take-step -g "$db" collect |
		take-step -g "$db" activate >../carded/cards.jsonl
)
# Another one, for what is done to cards: a1 is made, a2 is in use.
mkdir -p issued/sscard
(
	cd prepared || exit 1
	make-photo --seed 4 >letter.jpg
	all="-q -o wang -g $W/issued/sscard/registry.db"
	# shellcheck disable=SC2086 # several options
	{
		ss-apply $all --files "$W/issued/files" forms.jsonl >applied
		ss-verify $all --files "$W/issued/files" -o li \
			--attest likeness,bareheaded,face applied |
			make-card -g "$W/issued/sscard/registry.db" >made
		sed -n 2p made | jq -c '.collector = (.person |
			{id_number, id_until})' | ss-collect $all |
			activate $all
	}
	rm applied made
) >/dev/null

# Another one, for cards: a1 is approved; and one where a1's is the card in the
# folder card.
mkdir -p ready/sscard
(
	cd prepared || exit 1
	grep a1 forms.jsonl | jq -c '.person.ethnic = "汉"' |
		ss-apply -q -o wang --files "$W/ready/files" \
		-g "$W/ready/sscard/registry.db" | ss-verify -q -o li \
		--files "$W/ready/files" -g "$W/ready/sscard/registry.db" \
		--attest likeness,bareheaded,face
)  >/dev/null
cp -r ready written
(
	cd prepared || exit 1
	ss-softcard new ../card --region 110101
	ss-registry -g "$W/written/sscard/registry.db" show a1 |
		ss-encode -q -o chen -r soft:../card -k file:keys \
		-g "$W/written/sscard/registry.db" \
		--files "$W/written/files" --passphrase-fd 3 3<passphrase
) >/dev/null

secret() { # COMMAND...: the passphrase comes from a descriptor
	"$@" -q --passphrase-fd 3 3<passphrase
}

# Another one, for what is done at a counter: a1 is collected, and its card is
# the software card "card"; a2 is in use, with the card "used", in cards.jsonl.
mkdir -p counter/sscard
(
	cd prepared || exit 1
	export SSCARD_REGISTRY="sqlite:$W/counter/sscard/registry.db"
	export SSCARD_KEYS=file:keys SSCARD_OPERATOR=wang
	printf '%s\n' 123456 135792 >pins
	echo 246813 >new-pin
	ss-softcard new card --region 110101
	ss-softcard new used --region 110101
	# Both cards have the keys of one city.
	jq -c '.region = "110101"' forms.jsonl |
		ss-apply -q --files "$W/counter/files" |
		ss-verify -q -o li --files "$W/counter/files" \
			--attest likeness,bareheaded,face >approved
	head -n 1 approved | secret ss-encode -r soft:card \
		--files "$W/counter/files" >made
	tail -n 1 approved | secret ss-encode -r soft:used \
		--files "$W/counter/files" >>made
	jq -c '.collector = (.person | {id_number, id_until})' made |
		ss-collect -q --files "$W/counter/files" >collected
	secret ss-activate -r soft:used --attest identity >../counter/cards.jsonl
	rm approved made collected
	mkdir ../shown
	mv card used pins new-pin ../shown
) >/dev/null

# Every literal block of the command's pages and of the overview runs, with a
# register of its own.
for page in "$man"/*.[17]; do
	name=${page##*/}
	rm -f example.*
	awk '/^\.Bd -literal -offset indent$/ { n++; on = 1; next }
		/^\.Ed$/ { on = 0 }
		on { gsub(/\\e/, "\\"); print > ("example." n) }' "$page"
	ok "$name has examples" test -f example.1
	for example in example.*; do
		[ -f "$example" ] || continue
		rm -rf here "$SSCARD_FILES" "$XDG_STATE_HOME"
		cp -r prepared here
		case $name in
		ss-registry.1 | ss-report.1) cp -r registered "$XDG_STATE_HOME" ;;
		ss-cancel.1 | ss-collect.1 | ss-reissue.1)
			cp -r issued "$XDG_STATE_HOME" ;;
		ss-encode.1) cp -r ready "$XDG_STATE_HOME" ;;
		ss-read.1)
			cp -r written "$XDG_STATE_HOME"
			cp -r card here
			;;
		ss-activate.1 | ss-setpin.1 | ss-report-loss.1)
			cp -r counter "$XDG_STATE_HOME"
			cp -r counter/cards.jsonl shown/* here
			;;
		esac
		if [ -d "$XDG_STATE_HOME/files" ]; then
			cp -r "$XDG_STATE_HOME/files" "$SSCARD_FILES"
		fi
		status "$name: $example runs" 0 sh -c "cd here &&
			SSCARD_REGISTRY= exec bash -e -o pipefail \
			../$example >printed"
		ok "$name: $example prints" test -s here/printed
	done
done

# Every member of real records: of all kinds of people and of bad lines.
make-photo --exif "$(date +%F)" --width 200 >prepared/small.jpg
jq -c --arg b "$b" '.kind = "new" | .photo = "small.jpg" | .person += {
		ethnic: "汉", id_from: "2016-01-01", occupation: "x",
		household: "local-urban", collection: "post",
		guardian: {name: "x", id_type: "citizen", id_number: $b,
		phone: "13800000003", relation: "mother"},
		proxy: {name: "x", id_number: $b, phone: "13800000004"},
		employer: {name: "x", code: "91110000000000000X"}} |
	.person.name = "abcdefghijklmnopqrstuvwxyzabcdefghijk" |
	.applied.through = "proxy"' prepared/forms.jsonl >prepared/full.jsonl
{
	cd prepared || exit 1
	ss-apply -q -o wang full.jsonl
	ss-apply -q -o wang --csv forms.csv
	cd ..
} >applied.jsonl
{
	ss-apply -q applied.jsonl
	ss-verify -q -o li --decisions prepared/decisions.jsonl applied.jsonl
	echo 'no record' | ss-verify -q
	printf '{"\200":"%5000d"}\n' 0 | ss-verify -q --line-limit 4096
	ss-report-loss -g "sqlite:$W/carded/sscard/registry.db" --kind \
		temporary carded/cards.jsonl | jq -c '{loss}'
	# What its applicant is told, for a gateway and as mail.
	SSCARD_REGISTRY="$W/told.db" sh -c 'cd prepared &&
		jq -c "del(.photo)" forms.jsonl | ss-apply -q -o wang |
		ss-verify -q -o li | ss-notify -q -o wu | tee ../told.jsonl &&
		ss-notify -q -o wu --from a@example.org --out spool ../told.jsonl'
} >reviewed.jsonl
# What is done to chips: a change that is cut off, and one that is not; a lock,
# also of a lost card.
chips() {
	(
		export SSCARD_REGISTRY="sqlite:$W/counter/sscard/registry.db"
		export SSCARD_KEYS=file:keys
		cp -r ../shown/* .
		ss-registry show a1 >a1.jsonl
		ss-softcard hook --leave 10 card	# CHANGE PIN
		secret ss-setpin -r soft:card --pin-fd 4 a1.jsonl 4<pins \
			>/dev/null
		ss-registry show a1
		secret ss-setpin -r soft:card --pin-fd 4 4<pins
		secret ss-setpin --reset -r soft:used --attest identity \
			--pin-fd 4 4<new-pin
		secret ss-activate -r soft:card --attest identity
		secret ss-report-loss --lock -r soft:used
		secret ss-report-loss --unlock -r soft:used --attest identity
	)
}
# What is done to cards, and what is put in for it and stays when it fails.
cards() {
	ss-apply -q forms.jsonl >applied
	ss-verify -q -o li --attest likeness,bareheaded,face applied |
		make-card >made
	jq -c '.collector = {through: "guardian", id_type: "citizen",
		id_number: "'"$b"'", id_until: "长期", name: "x",
		relation: "mother", documents: {other: "id.jpg"}}' made >asked
	head -n 1 asked | ss-collect -q
	jq -c '.collector.documents = {relation: "id.jpg"}' asked |
		head -n 1 | ss-collect -q | tee collected
	ss-collect -q --take-back --reason x collected
	jq -c '.collector = {through: "employer", name: "x", id_number:
		"'"$b"'", id_until: "长期", documents: {"employer-letter":
		"id.jpg", "handler-identity": ["id.jpg", "photo.jpg"]}}' made |
		head -n 1 | ss-collect -q | tee collected
	activate -q collected | tee active
	chips
	ss-reissue -q --reason damaged --handed-in active
	jq -c '.change = {person: {}, photo: "none", documents: {},
		region: "110101", applied: {}}' active |
		ss-reissue -q --reason data-change
	sed -n 2p made | faketime -f +300d ss-cancel -q -R 4418 \
		--reason uncollected
}
(
	cd prepared || exit 1
	export SSCARD_REGISTRY="sqlite:$W/all.db" SSCARD_OPERATOR=wang
	cards
) | jq -c '{collection, activation, pin, loss, replaces, cancellation, collector,
	change} | .[] |= values' >>reviewed.jsonl
# What is made, read, and fails with a card.
(
	db=$W/written/sscard/registry.db
	read_it() {
		ss-read -q -r soft:card -k file:prepared/keys -g "$db" \
			--passphrase-fd 3 "$@" 3<prepared/passphrase
	}
	ss-registry -g "$db" show a1 | jq -c '{card}'
	read_it --raw | jq -c '{read}'
	ss-registry -g "$db" show a1 | jq -c '.person.name = "x"' |
		read_it -g none - | jq -c '{error}'
	ss-softcard hook prepared/blank --lie 12=6581
	ss-registry -g "$W/ready/sscard/registry.db" show a1 |
		ss-encode -q -o chen -r soft:prepared/blank \
		-k file:prepared/keys -g "$W/ready/sscard/registry.db" \
		--files "$W/ready/files" --passphrase-fd 3 \
		3<prepared/passphrase | jq -c '{error}'
) >>reviewed.jsonl
jq -r '[paths[] | numbers] as $n | paths
	| map(if type == "number" then "[]" else . end)
	| join(".") | gsub("\\.\\[\\]"; "[]")' reviewed.jsonl |
	grep -v -e '^extra\.' -e '\[\]$' -e '^change\..*\.' \
	-e '^error\.[cr][ae][^.]*\.' -e '^read\.raw\.' \
	-e '^collector\..*\.' -e '^collection\.earlier\[\]' | sort -u >want
items Va "$man/ss-record.5" MEMBERS | sort -u >got
is "ss-record.5 has every member of real records" \
	"$(comm -23 want got | tr '\n' ' ')" ""
is "and no member beside those" \
	"$(comm -13 want got | tr '\n' ' ')" ""

# States.
items Cm "$man/ss-record.5" STATES >got
printf '%s\n' active applied approved cancelled collected made pending \
	rejected returned >want
ok "ss-record.5 has the states" diff want got

done_testing
