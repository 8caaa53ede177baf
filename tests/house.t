#!/bin/sh
. "$(dirname "$0")/lib.sh"
# The rules of the house: who may use whom, what stands where, and that the
# commands, their manual and the words say the same.

cd "$SS_TOP" || exit 1
c_files=$(echo lib/*/*.c lib/*/*.h)
commands=$(basename -s .c cmd/*.c)
words=lib/data/words.json

none() { # TEXT FAULTS
	is "$1" "$2" ''
}

# --- the map
sed -n 's/^#include "\([^"]*\)".*/\1/p' lib/sscard.h >"$W/map"
none "every header of the library is in the map, once" \
    "$( (cd lib && ls -- */*.h) | sort | comm -3 - "$(sort "$W/map" \
    >"$W/sorted"; echo "$W/sorted")")"
none "a folder's headers stand together in it" \
    "$(cut -d/ -f1 "$W/map" | uniq | sort | uniq -d)"

# A header uses what stands above it; a .c file also its own header and those
# of its family, whose names begin alike up to a "_".
# shellcheck disable=SC2086 # a list of files
grep -Ho '^#include "[^"]*"' $c_files | tr -d '"' |
    sed 's/^lib\///; s/:#include / /' >"$W/uses"
none "a file uses only what stands above it" "$(awk '
	function family(f) {
		sub(/\.[ch]$/, "", f)
		sub(/_.*/, "", f)
		return f
	}
	FILENAME ~ /map$/ {
		rank[$1] = NR
		last[family($1)] = NR
		next
	}
	!($2 in rank) { print $1 " uses " $2 ", which is not in the map" }
	$1 ~ /h$/ && rank[$2] >= rank[$1] { print $1 " uses " $2 }
	$1 ~ /c$/ && !(family($1) in last) { print $1 " belongs to no header" }
	$1 ~ /c$/ && rank[$2] > last[family($1)] { print $1 " uses " $2 }
    ' "$W/map" "$W/uses")"
none "cli uses base alone" "$(grep '^cli/' "$W/uses" | grep -v ' \(cli\|base\)/')"
none "only commands and their front use cli" \
    "$(grep ' cli/' "$W/uses" | grep -vE '^(cli|front)/')"
none "only commands use the front" \
    "$(grep ' front/' "$W/uses" | grep -v '^front/')"
# shellcheck disable=SC2086 # a list of files
none "no file is used by a path of its own" \
    "$(grep -nE '^#include "[^/"]*(/[^"]*/[^"]*)?"' $c_files cmd/*.c)"

# --- one home for each foreign header; what POSIX and C11 have is free
cat >"$W/homes" <<'END'
fnmatch.h lib/card/reader.c
fnmatch.h lib/card/reader_match.c
glob.h lib/card/reader_match.c
pthread.h lib/card/watch.c
pthread.h lib/desk/perso_all.c
pthread.h lib/base/stream_flow.c
pthread.h lib/trust/keystore_own.h
pthread.h lib/trust/operators.c
pthread.h lib/trust/seal_proven.c
pthread.h lib/desk/desk.h
dlfcn.h lib/trust/pkcs11.c
p11-kit/pkcs11.h lib/trust/pkcs11.c
p11-kit/pkcs11.h lib/trust/pkcs11_key.c
pthread.h lib/trust/signer_own.h
winscard.h lib/card/reader_pcsc.c
jansson.h lib/base/json.c
csv.h lib/base/csv.c
openssl/crypto.h lib/base/crypto.c
openssl/evp.h lib/base/crypto.c
openssl/err.h lib/base/crypto.c
openssl/rand.h lib/base/crypto.c
openssl/bn.h lib/base/sign_private.c
openssl/core_names.h lib/base/sign.c
openssl/core_names.h lib/base/sign_private.c
openssl/crypto.h lib/base/sign_private.c
openssl/ec.h lib/base/sign_private.c
openssl/err.h lib/base/sign.c
openssl/err.h lib/base/sign_pkcs8.c
openssl/evp.h lib/base/sign.c
openssl/evp.h lib/base/sign_pkcs8.c
openssl/evp.h lib/base/sign_private.c
openssl/params.h lib/base/sign.c
openssl/params.h lib/base/sign_private.c
iconv.h lib/base/text.c
sys/select.h lib/base/input.c
sys/select.h lib/cli/secret.c
pthread.h lib/base/pool.c
pthread.h lib/rules/calendar.c
pthread.h lib/rules/policy.c
pthread.h lib/rules/notice.c
poll.h lib/base/child.c
poll.h lib/base/talk.c
spawn.h lib/base/child_start.c
sys/wait.h lib/base/child.c
sys/wait.h lib/base/child_start.c
sys/wait.h lib/base/talk.c
pthread.h lib/books/registry_own.h
sqlite3.h lib/books/registry_sqlite.c
sqlite3.h lib/books/registry_sqlite_file.c
dlfcn.h lib/books/registry_pg_link.c
postgresql/libpq-fe.h lib/books/registry_pg_link.c
getopt.h lib/cli/options.c
termios.h lib/cli/secret.c
pwd.h lib/cli/options.c
sys/prctl.h lib/cli/options.c
sys/prctl.h lib/softcard/softcard.c
sys/resource.h lib/cli/options.c
libexif/exif-data.h lib/rules/exif.c
jpeglib.h lib/rules/photo.c
jpeglib.h lib/rules/photo_reduce.c
jerror.h lib/rules/photo.c
jerror.h lib/rules/photo_reduce.c
setjmp.h lib/rules/photo.c
setjmp.h lib/rules/photo_reduce.c
regex.h lib/rules/schema.h
sys/file.h lib/softcard/softcard_store.c
poll.h lib/softcard/insert.c
netinet/in.h lib/softcard/vpcd.c
netinet/tcp.h lib/softcard/vpcd.c
sys/socket.h lib/softcard/vpcd.c
sys/time.h lib/softcard/vpcd.c
END
free='assert|ctype|dirent|errno|fcntl|inttypes|limits|locale|math|signal'
free="$free|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings"
free="$free|time|unistd|sys/mman|sys/stat|sys/types"
# shellcheck disable=SC2086 # a list of files
grep -Ho '^#include <[^>]*>' $c_files cmd/*.c | tr -d '<>' |
    sed 's/^\(.*\):#include \(.*\)/\2 \1/' | grep -vE "^($free)\.h " |
    sort -u >"$W/foreign"
none "each foreign header has its home" \
    "$(sort "$W/homes" | comm -23 "$W/foreign" -)"
none "and is used there" "$(sort "$W/homes" | comm -13 "$W/foreign" -)"

# --- C
flags="-std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -iquote lib -Wall"
# shellcheck disable=SC2086 # lists
none "every header compiles alone" \
    "$(gcc $flags -Werror -fsyntax-only -x c lib/*/*.h lib/sscard.h 2>&1)"
said='[fv]?printf|vfprintf|f?puts|f?putc|putchar|perror|v?warnx?|v?errx?|syslog'
ended='exit|_exit|abort|raise|system|getenv|secure_getenv|setenv|putenv'
# base/child_start reads nothing of the environment, but hands it on.
# shellcheck disable=SC2086 # a list of files
none "only cli prints, ends the process and reads the environment" \
    "$(grep -nwE "($said|$ended) *\\(|stdout|stderr|stdin|environ" $c_files |
    grep -v '^lib/cli/' | grep -v '^lib/base/child_start.c:[0-9]*:.*argv, environ);$')"
# shellcheck disable=SC2086 # a list of files
none "no typedef of a struct, no macro that returns" \
    "$(grep -nE '^typedef struct|#define.*[^_a-z]return[^_a-z]' $c_files cmd/*.c)"
for f in $c_files cmd/*.c; do
	case $f in
	cmd/*) most=250 ;;
	*) most=600 ;;
	esac
	[ "$(wc -l <"$f")" -le $most ] || echo "$f: over $most lines"
	[ "$(wc -L <"$f")" -le 80 ] || echo "$f: over 80 columns:" \
	    "$(expand "$f" | grep -nE '^.{81}' | cut -d: -f1 | xargs)"
	awk -v f="$f" '/^{/ { from = NR } /^}/ && from {
		if (NR - from > 80)
			print f ":" from ": a function over 80 lines"
		from = 0
	}' "$f"
done >"$W/sizes"
none "files, lines and functions are of a size to feel at home in" \
    "$(cat "$W/sizes")"
left='TO''DO|FIX''ME'
none "nothing is left undone" "$(grep -rnIE "$left" Makefile README* cmd lib man \
    tests completions .ci 2>/dev/null)"

# --- a command is three files and a line
for c in $commands; do
	ok "$c has its page" test -f "man/$c.1"
	ok "$c has its tests" test -f "tests/$c.t"
	ok "$c has its line in sscard(7)" grep -q "^\.[IX][tr] .*$c\\b" man/sscard.7
	ok "$c is built" test -x "$SS_BIN/$c"
done

# The text of a page's section, without overstrikes.
section() { # PAGE SECTION
	mandoc -T ascii -O width=300 "$1" | sed 's/.\x08//g' |
	    sed -n "/^$2\$/,/^[A-Z]/p" | sed '1d; /^[A-Z]/d'
}

for c in $commands; do
	"$SS_BIN/$c" --help >"$W/help" || continue
	is "$c: usage and SYNOPSIS say the same" \
	    "$(sed -n '/^usage:/,/^$/p' "$W/help" | sed 's/^usage: //' | xargs)" \
	    "$(section "man/$c.1" SYNOPSIS | xargs)"
	sed '1,/^$/d' "$W/help" |
	    grep -oE '^  (-., |    )--[a-z0-9-]+( [A-Z][A-Z=,.]*)?' |
	    sed 's/^ *//' | sort >"$W/a"
	sed -n 's/^\.It Fl //p' "man/$c.1" | sed 's/^-/--/
	    s/^\(.\) , \(Fl \)*-/-\1, --/; s/ Ns / /g; s/ Ar / /g; s/ *= */=/
	    s/ Oc$//; s/ Xo$//' | sort >"$W/b"
	none "$c: --help and OPTIONS list the same" "$(diff "$W/a" "$W/b")"
	none "$c: every variable of --help is in its page" \
	    "$(grep -o 'SSCARD_[A-Z]*' "$W/help" | sort -u |
	    while read -r v; do grep -q "$v" "man/$c.1" || echo "$v"; done)"
	none "$c: only the usual sections" \
	    "$(sed -n 's/^\.Sh //p' "man/$c.1" | tr -d '"' | xargs -d '\n' -n1 |
	    grep -nxvE 'NAME|SYNOPSIS|DESCRIPTION|OPTIONS|INPUT|OUTPUT|ENVIRONMENT|FILES|EXIT STATUS|EXAMPLES|DIAGNOSTICS|SECURITY CONSIDERATIONS|SEE ALSO|STANDARDS|CAVEATS|BUGS')"
done
none "mandoc has nothing to say" "$(mandoc -T lint -W warning man/*.[157] 2>&1)"
none "pages refer to pages that are there" \
    "$(grep -hoE '^\.Xr (ss-[a-z-]+|sscard) [157]' man/*.[157] |
    sort -u | while read -r _ name s; do
	[ -f "man/$name.$s" ] || echo "$name($s)"
    done)"

# --- words
known() { # SET: the words of standard input that it lacks
	jq -r --arg s "$1" '.[$s] | keys[]' $words >"$W/known"
	sort -u | grep -vxF -f "$W/known"
}
cat lib/rules/check*.c lib/desk/review.c | tr '\n\t' '  ' |
    grep -oE '[a-z_]+\((c|&w->checks), *"[a-z-]+"' | cut -d'"' -f2 >"$W/checks"
ok "the checks of the code are found" test "$(sort -u "$W/checks" | wc -l)" -gt 20
none "each is a word" "$(known check <"$W/checks")"
none "so are those that policies name" \
    "$(jq -r '.review // {} | (.manual, .reject) // [] | .[]' \
    lib/data/policies/*.json | known check)"
none "kinds of identity document are words" \
    "$(grep -oE '^	\{ "[a-z-]+", (true|false),' lib/rules/idnum.c |
    cut -d'"' -f2 | known id_type)"
none "fields that policies ask for are words" \
    "$(jq -r '.apply.fields // [] | .[]' lib/data/policies/*.json | known field)"
none "documents that policies ask for are words" \
    "$(jq -r '.apply.documents // {} | keys[]' lib/data/policies/*.json |
    known document)"
none "every word has both languages" "$(jq -r 'to_entries[] | .key as $s |
    .value | to_entries[] | select((.value.zh // "") == "" or
    (.value.en // "") == "") | $s + "." + .key' $words)"

# --- data
for f in lib/data/*.json lib/data/policies/*.json lib/data/profiles/*.json; do
	ok "$f is JSON" jq -e 'type == "object"' "$f"
done
for f in lib/data/policies/*.json; do
	code=$(basename "$f" .json)
	[ "$code" = 00 ] || ok "the policy of $code loads" \
	    sh -c "ss-apply -R $code </dev/null"
done
status "one that is no policy does not" 3 sh -c "mkdir '$W/data' &&
	cp -R lib/data/. '$W/data' &&
	echo '{\"name\":1}' >'$W/data/policies/41.json' &&
	SSCARD_DATA='$W/data' ss-apply -R 41 </dev/null"
none "nothing left over" \
    "$(git ls-files 2>/dev/null | grep -E '\.(orig|rej)$|~$')"
done_testing
