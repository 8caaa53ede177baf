#!/bin/sh
# ss-apply: photo and documents, the store, what cannot be read.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

n=$(citizen 110101 19900307 881)
jq -nc --arg n "$n" '{person: {name: "张三", id_number: $n,
    id_until: "长期", phone: "13800138000", address: "东城区1号"}}' >base.json
sm3() { # FILE
	openssl dgst -sm3 -r "$1" | cut -d' ' -f1
}
store() { # FILE: where the store has it
	sm3 "$1" | sed "s|^\(..\)\(..\)|$SSCARD_FILES/\1/\2/|"
}
mode() { # FILE
	stat -c %a "$1"
}

# Reads "TEST | PATCH | WANT", applies the base with each patch.
cases() {
	cat >cases
	jq -Rc --slurpfile b base.json 'split(" | ") |
	    $b[0] * (.[1] | fromjson) + {test: .[0]}' cases >in
	ss-apply in >got 2>log
	while IFS= read -r line; do
		is "${line%% | *}" "$(jq -r --arg id "${line%% | *}" \
		    'select(.test == $id) |
		    if .error then .error.code + ": " + .error.message
		    else [.photo | select(.) | .width, .height, .dpi, .bits,
		    .progressive] + [.documents | select(.) |
		    .[].kind] | map(tostring) | join(" ") end' got)" \
		    "${line##* | }"
	done <cases
}

# The store.
make-photo >good.jpg
printf 'identity card\n' >id.pdf
cp id.pdf same.pdf
cases <<'EOF'
stored | {"photo":"good.jpg","documents":{"身份证明":"id.pdf","household":{"path":"same.pdf"}}} | 358 441 350 24 false identity household
EOF
is 'the digest is SM3' "$(jq -r .photo.sm3 got)" "$(sm3 good.jpg)"
ok 'the photo is in the store' cmp good.jpg "$(store good.jpg)"
is 'of mode 600' "$(mode "$(store good.jpg)")" 600
is 'in folders of mode 700' "$(mode "$SSCARD_FILES") $(mode \
    "$(dirname "$(store good.jpg)")")" '700 700'
is 'equal files are one' "$(jq -r '[.documents[].sm3] | unique | length' got)
$(find "$SSCARD_FILES" -type f | wc -l)" '1
2'
is 'nothing half written is left' "$(find "$SSCARD_FILES" -name '*.??????')" ''
is 'figures of a document' "$(jq -c '.documents[0]' got)" \
    '{"kind":"identity","sm3":"'"$(sm3 id.pdf)"'","path":"id.pdf","bytes":14}'
ss-apply -n --files none --photo good.jpg --id-number "$n" --name 张三 >dry
is 'dry: the digest, and no store' \
    "$(jq -r .photo.sm3 dry) $(ls none 2>/dev/null)" "$(sm3 good.jpg) "
jq -c 'del(.state) | .photo |= {sm3} | .documents |= map({kind, sm3})' got |
    ss-apply >bydigest
is 'digests stand for files' "$(jq -c '[.photo.bytes, .documents[0].bytes,
    .photo.path]' bydigest)" "[$(wc -c <good.jpg),14,null]"

# Files that are none, or no photo. /proc/self/mem can be read by nobody.
mkdir folder
mkfifo fifo
: >empty
printf '\211PNG\r\n\032\n' >png
make-photo --truncate 9000 >cut.jpg
make-photo --precision 12 >deep.jpg
make-photo --precision 16 >deeper.jpg
make-photo --claim 65500x65500 >huge.jpg
make-photo --scans 100 --progressive >scans.jpg
make-photo --progressive >progressive.jpg
make-photo --grey >grey.jpg
make-photo --cmyk --quality 60 >cmyk.jpg
truncate -s 4194305 big.jpg
cases <<EOF
several of a kind | {"documents":{"handler-identity":["id.pdf","good.jpg"]}} | handler-identity handler-identity
a list | {"documents":[{"kind":"授权委托书","path":"id.pdf"}]} | authorisation
unknown kind | {"documents":{"letter":"id.pdf"}} | invalid: documents: a kind: not one of: identity, guardian-identity, relation, proxy-identity, authorisation, employer-letter, handler-identity, household, residence ...
no kind | {"documents":[{"path":"id.pdf"}]} | invalid: documents: element 1 has no kind
neither list nor object | {"documents":"id.pdf"} | invalid: documents: an object or an array is wanted, not a string
no path | {"documents":{"identity":{"file":"id.pdf"}}} | invalid: documents.identity: a path, or an object with path, is wanted, not an object
document missing | {"documents":{"identity":"secret-zhang.pdf"}} | missing: documents.identity: No such file or directory
document a folder | {"documents":{"identity":"folder"}} | invalid: documents.identity: not a regular file
document a FIFO | {"documents":{"identity":"fifo"}} | invalid: documents.identity: not a regular file
document empty | {"documents":{"identity":"empty"}} | invalid: documents.identity: an empty file
document unreadable | {"documents":{"identity":"/proc/self/mem"}} | io: documents.identity: Input/output error
others go on | {} | 
photo missing | {"photo":"secret-zhang.jpg"} | missing: photo: No such file or directory
photo a FIFO | {"photo":"fifo"} | invalid: photo: not a regular file
photo a number | {"photo":1} | invalid: photo: a path, or an object with path, is wanted, not a whole number
bad digest | {"photo":{"sm3":"12"}} | invalid: photo.sm3: not 64 hexadecimal digits
photo empty | {"photo":"empty"} | invalid: photo: the photo is empty: copy it again from its source
PNG | {"photo":"png"} | invalid: photo: the photo is a PNG, not a JPEG: open it and save it as JPEG
PDF | {"photo":"id.pdf"} | invalid: photo: the photo is not a JPEG: open it and save it as JPEG
cut off | {"photo":"cut.jpg"} | invalid: photo: the photo is cut off before its end: copy it again from its source
12 bits | {"photo":"deep.jpg"} | invalid: photo: the photo has 12 bits a sample, 8 are needed: save it as an ordinary JPEG
16 bits | {"photo":"deeper.jpg"} | invalid: photo: the photo has 16 bits a sample, 8 are needed: save it as an ordinary JPEG
a huge claim | {"photo":"huge.jpg"} | invalid: photo: the photo is 65500 x 65500 px, too large to open: save it with fewer pixels
many scans | {"photo":"scans.jpg"} | invalid: photo: the photo is stored in more than 64 scans: save it as an ordinary JPEG
many bytes | {"photo":"big.jpg"} | invalid: photo: more than 4194304 bytes
progressive | {"photo":"progressive.jpg"} | 358 441 350 24 true
grey | {"photo":"grey.jpg"} | 358 441 350 8 false
CMYK | {"photo":"cmyk.jpg"} | 358 441 0 32 false
digest unknown | {"photo":{"path":"none","sm3":"$(printf %064d 7)"}} | missing: photo: neither the file named nor its digest in the file store $SSCARD_FILES; give the file again
the same file twice | {"documents":{"handler-identity":["id.pdf","id.pdf"]}} | invalid: documents.handler-identity: the same file twice; another one is wanted, or one alone
cut kind | {"documents":{"一二三四五六七八九十一二三四五":"id.pdf"}} | invalid: documents: a kind: not one of: identity, guardian-identity, relation, proxy-identity, authorisation, employer-letter, handler-identity, household, residence ...
EOF
ok 'what comes out is UTF-8' iconv -f UTF-8 -t UTF-8 got
# A stored file that was spoiled is made good by applying again.
make-photo --seed 9 >again.jpg
sm3=$(openssl dgst -sm3 -r again.jpg | cut -d' ' -f1)
stored=files/$(echo "$sm3" | sed 's,^\(..\)\(..\),\1/\2/,')
# shellcheck disable=SC2317 # reached by ok
again() {
	ss-apply -R 11 --name 样本 --id-number "$(citizen 110101 19900307 881)" \
	    --photo again.jpg
}
ok 'a photo is stored' again
tr '\0-\377' '\1-\377\0' <"$stored" >spoiled && cat spoiled >"$stored"
ok 'the same photo again' again
ok 'mends the store' cmp again.jpg "$stored"
done_testing
