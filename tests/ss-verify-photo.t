#!/bin/sh
# ss-verify: each check of the photo failing alone, its figure and its need;
# who needs no photo; what policies change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

NOW='2026-03-01 09:00:00'	# UTC
printf one >one.pdf
person() { # BIRTH SERIAL REGION: a form
	jq -nc --arg n "$(citizen 110101 "$1" "$2")" --arg r "$3" \
	    --arg g "$(citizen 110101 19850102 123)" '{region: $r,
	    person: {name: "张三", id_number: $n, id_until: "长期",
	    phone: "13800138000", address: "东城区1号", guardian:
	    {name: "李四", id_number: $g, relation: "father"}},
	    documents: {identity: "one.pdf", relation: "one.pdf",
	    "guardian-identity": "one.pdf"}}'
}
# Reads "TEST | OPTIONS | CHECK | WANT" lines: makes a photo with the options
# (none: no photo) for a person (@REGION BIRTH, else one born 1990), applies
# and reviews; WANT is state, mend and the check.
cases() {
	cat >cases
	i=0
	while IFS= read -r line; do
		i=$((i + 1))
		rest=${line#* | }
		file=$i.jpg
		options=${rest%% | *}
		region=110100 birth=19900307
		case $options in
		@*)
			region=${options%% *} options=${options#* }
			birth=${options%% *} options=${options#* }
			;;
		esac
		# shellcheck disable=SC2086
		case $options in
		none) file= ;;
		default) make-photo >"$file" ;;
		*) make-photo $options >"$file" ;;
		esac
		person "$birth" "$(printf %03d "$i")" "${region#@}" | jq -c --arg f "$file" \
		    --arg t "${line%% | *}" '. + {test: $t} +
		    if $f == "" then {} else {photo: $f} end'
	done <cases >forms
	at "$NOW" ss-apply -o wang forms >applied
	at "$NOW" ss-verify -o li --attest likeness,bareheaded,face applied >got
	while IFS= read -r line; do
		rest=${line#* | }
		rest=${rest#* | }
		is "${line%% | *}" "$(jq -r --arg t "${line%% | *}" \
		    --arg c "${rest%% | *}" 'select(.test == $t) |
		    if .error then .error.code + ": " + .error.message else
		    .state + " " + ((.review.mend // []) | join(",")) + " " +
		    ([.review.checks[] | select(.check == $c) | del(.check)][0] |
		    tojson) end' got)" "${rest#* | }"
	done <cases
}

cases <<'EOF'
good | default | photo | approved  {"ok":true}
size | default | photo-size | approved  {"ok":true,"value":"358x441"}
narrow | --width 357 | photo-size | returned photo-size {"ok":false,"value":"357x441","need":"358x441","member":"photo"}
low | --height 440 | photo-size | returned photo-size {"ok":false,"value":"358x440","need":"358x441","member":"photo"}
350 dpi | default | photo-dpi | approved  {"ok":true,"value":350}
300 dpi | --dpi 300 | photo-dpi | returned photo-dpi {"ok":false,"value":300,"need":"350","member":"photo"}
no dpi | --dpi 0 | photo-dpi | returned photo-dpi {"ok":false,"value":0,"need":"350","member":"photo"}
138 dots a cm | --dpcm 138 | photo-dpi | approved  {"ok":true,"value":350}
137 dots a cm | --dpcm 137 | photo-dpi | returned photo-dpi {"ok":false,"value":348,"need":"350","member":"photo"}
dpi of EXIF | --dpi 0 --exif-dpi 350 | photo-dpi | approved  {"ok":true,"value":350}
grey | --grey | photo-colour | returned photo-colour {"ok":false,"value":8,"need":"24","member":"photo"}
13 KB | --quality 40 --pad-to 13312 | photo-bytes | returned photo-bytes {"ok":false,"value":13312,"need":"14336 to 40960","member":"photo"}
14 KB | --quality 40 --pad-to 14336 | photo-bytes | approved  {"ok":true,"value":14336}
40 KB | --pad-to 40960 | photo-bytes | approved  {"ok":true,"value":40960}
41 KB | --pad-to 41984 | photo-bytes | returned photo-bytes {"ok":false,"value":41984,"need":"14336 to 40960","member":"photo"}
sequential | default | photo-coding | approved  {"ok":true,"value":"sequential"}
progressive | --progressive | photo-coding | returned photo-coding {"ok":false,"value":"progressive","need":"sequential","member":"photo"}
white | default | photo-white | approved  {"ok":true,"value":252}
not white | --background 200,200,200 | photo-white | returned photo-white {"ok":false,"value":200,"need":"at least 225","member":"photo"}
red | --background 255,160,160 | photo-white | returned photo-white {"ok":false,"value":160,"need":"at least 225","member":"photo"}
noisy | --noise 20 --bytes 38000 | photo-even | returned photo-even {"ok":false,"value":8,"need":"at most 6","member":"photo"}
border | --border 2 | photo-border | returned photo-border {"ok":false,"value":212,"need":"at most 12","member":"photo"}
thin border | --border 1 | photo-border | returned photo-border {"ok":false,"value":107,"need":"at most 12","member":"photo"}
no date | default | photo-age | approved  null
new | --exif 2026-03-01 | photo-age | approved  {"ok":true,"value":"2026-03-01"}
six months | --exif 2025-09-01 | photo-age | approved  {"ok":true,"value":"2025-09-01"}
older | --exif 2025-08-31 | photo-age | returned photo-age {"ok":false,"value":"2025-08-31","member":"photo","note":"taken too long ago"}
from the future | --exif 2026-03-03 | photo-age | returned photo-age {"ok":false,"value":"2026-03-03","member":"photo","note":"taken in the future"}
all at once | --width 357 --dpi 300 --progressive --background 200,200,200 | photo-size | returned photo-size,photo-dpi,photo-coding,photo-white {"ok":false,"value":"357x441","need":"358x441","member":"photo"}
missing | none | photo | returned photo {"ok":false,"member":"photo","note":"missing"}
Changchun 50 KB | @220102 19900307 --pad-to 51200 | photo-bytes | approved  {"ok":true,"value":51200}
Changchun 51 KB | @220102 19900307 --pad-to 51201 | photo-bytes | returned photo-bytes {"ok":false,"value":51201,"need":"14336 to 51200","member":"photo"}
Haikou, 6 years | @460105 20190302 none | photo | approved  null
Haikou, a photo all the same | @460105 20190302 --dpi 300 | photo-dpi | returned photo-dpi {"ok":false,"value":300,"need":"350","member":"photo"}
Haikou, 7 years | @460105 20190301 none | photo | returned photo {"ok":false,"member":"photo","note":"missing"}
Guiyang, 5 years | @520102 20200302 none | photo | approved  null
Guiyang, 6 years | @520102 20200301 none | photo | returned photo {"ok":false,"member":"photo","note":"missing"}
EOF
is 'no manual check without a photo' "$(jq -c 'select(.test == "missing") |
    [.review.checks[] | select(.check == ("likeness", "face"))]' got)" '[]'

# A policy of its own.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
export SSCARD_DATA="$W/data"
cat >data/policies/1101.json <<'EOF'
{"photo": {"width": 295, "height": 413, "dpi": 0, "bits": 8, "min_bytes": 0,
 "max_bytes": 12000, "progressive": true,
 "background": {"white": 199, "even": 30, "border": 0}}}
EOF
cases <<'EOF'
small, grey, progressive | --width 295 --height 413 --dpi 72 --grey --progressive --bytes 11000 --background 200,200,200 | photo-dpi | approved  {"ok":true,"value":72}
only an upper limit | --width 295 --height 413 --grey --quality 95 --pad-to 38000 | photo-bytes | returned photo-bytes {"ok":false,"value":38000,"need":"at most 12000","member":"photo"}
EOF
done_testing
