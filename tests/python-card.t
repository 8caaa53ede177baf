#!/bin/sh
# The second card (card.py) and the second terminal (client.py) with each
# other and with tools of others, over a real PC/SC stack: what they show about
# ours is worth no more than what is shown here of them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"
pcsc_init 3

# The status words of a session's steps, in a row.
words() { # N STEP...
	client "$@" | jq -r '.sw // .error // "-"' | xargs
}
# A member of the last step's answer.
last() { # MEMBER N STEP...
	_member=$1
	shift
	client "$@" | tail -n 1 | jq -r ".$_member"
}
memory() { # N MEMBER
	jq -r ".$2" "card-$1.json"
}
fresh() { # N ARGUMENT...
	card_out "$1"
	rm -f "card-$1.json"
	card_in "$@"
}
pse=315041592e5359532e4444463031
ssse=7378312e73682ec9e7bbe1b1a3d5cf

for g in 1 2 3; do
	ok "generation $g: a card" card_in $g --generation $g --serial $((g + 6))
done

# --- what a card is
for g in 1 2 3; do
	case $g in
	1) cipher=3des own=a50388011e ;;
	2) cipher=3des own=a50988011e9f0c03860101 ;;
	3) cipher=sm4 own=a50988011e9f0c03860103 ;;
	esac
	is "$g: SELECT tells name and cipher" \
	    "$(client $g select | jq -r '[.sw, .fci, .cipher] | join(" ")')" \
	    "9000 $(printf 6f%02x $((17 + ${#own} / 2)))840f$ssse$own $cipher"
	is "$g: the ATR tells the region and the serial" \
	    "$(client $g select | jq -r .atr)" \
	    "3b6d0000535059564301502201""0000000$((g + 6))"
	is "$g: identifier, class and version are the maker's" \
	    "$(client $g item EF05 1 item EF05 2 item EF05 3 |
	    jq -r .value | xargs)" \
	    "220100d156000005""0000000$((g + 6))ffffffff 31 3${g}2e3030"
	is "$g: it is genuine" "$(last genuine $g genuine)" true
done
is "another city's card is not" "$(card_out 1; rm -f card-1.json
    card_in 1 --region 330700
    jq '.region = "220100"' card-1.json >new; card_out 1; mv new card-1.json
    card_in 1; last genuine 1 genuine; card_out 1)" false
fresh 1 --generation 1 --serial 7

# --- T=0, byte by byte
is "an answer waits" "$(words 3 raw apdu 00A404000F$ssse apdu 00C000001E)" \
    '- 611e 9000'
is "for the very next command" "$(words 3 raw apdu 00A404000F$ssse \
    apdu 0084000008 apdu 00C000001E)" '- 611e 9000 6985'
is "in parts" "$(words 3 raw apdu 00A404000F$ssse apdu 00C0000010 \
    apdu 00C000000F apdu 00C0000000)" '- 611e 610e 6c0e 9000'
is "a wrong Le is told" "$(words 3 select apdu 00B2032C05 \
    apdu 00B2032C06 apdu 00B2032C00)" '9000 6c06 9000 9000'
is "places" "$(words 3 raw apdu 00A40400""0e$pse apdu 00A4000002DDF1 \
    apdu 00A4000002DF04 apdu 00A4020002DDF1 apdu 00A4000002EF05 \
    apdu 00B2030406 apdu 00A40000023F00 apdu 00A4000002EF05)" \
    '- 6117 611e 610f 611e 6106 9000 6117 6a82'
is "foreign names, classes and commands" "$(words 3 raw \
    apdu 00A4040005A000000003 apdu A0A40000023F00 apdu 00CA000000 \
    apdu 00B2010405 apdu 00B2012C05 apdu 805E01)" \
    '- 6a82 6e00 6d00 6986 6a82 6700'
is "file types, records and offsets" "$(words 3 auth 0A apdu 00B2014405 \
    apdu 00B0850001 apdu 00B2092C05 apdu 00B2002C05 apdu 00B2FF2800 \
    apdu 00B0880001 apdu 00B0100001 apdu 00B00FFF02 apdu 00B2012F05)" \
    '9000 6981 6981 6a83 6a83 6a83 9000 6b00 6c01 6a86'
is "challenges" "$(words 3 raw apdu 0084000004 apdu 0084000008 \
    apdu 0084000010 apdu 0084000007)" '- 9000 9000 9000 6700'
is "without one there is no authentication" \
    "$(words 3 select apdu 0082000410"$(printf '%032d' 0)" \
    apdu 0084000004 apdu 0082000410"$(printf '%032d' 0)")" \
    '9000 6984 9000 6984'
is "nor with a key that is no such key" \
    "$(words 3 select apdu 0084000008 \
    apdu 0082000010"$(printf '%032d' 0)" \
    apdu 0082000110"$(printf '%032d' 0)")" '9000 9000 6a88 6a88'

# --- who may read and write
number=303132333435363738
for g in 1 2 3; do
	case $g in
	1) none='9000 9000' rk=$none photo='6a82 6a82' records=6 ;;
	2) none='9000 9000' rk=$none photo='6982 9000' records=7 ;;
	3) none='6982 6982' rk='9000 9000' photo='6982 6982' records=7 ;;
	esac
	is "$g: reading without a key" "$(words $g item EF05 6 item EF05 7 \
	    item EF06 1 all EF05)" "9000 $none ${none#* }"
	is "$g: and with RKSSSE" "$(words $g auth 0A item EF05 7 item EF06 1)" \
	    "9000 $rk"
	is "$g: the photo without and with UKSSSE" \
	    "$(words $g item EF05 1 read EF08 auth 04 read EF08)" \
	    "9000 ${photo% *} 9000 ${photo#* }"
	is "$g: writing takes UKSSSE" "$(words $g write EF05 7 $number \
	    auth 0A write EF05 7 $number auth 04 write EF05 7 $number \
	    item EF05 7)" '6982 9000 6982 9000 9000 9000'
	is "$g: both states end with a reset" "$(words $g auth 04 auth 0A reset \
	    select write EF05 7 $number item EF06 1)" \
	    "9000 9000 - 9000 6982 ${none#* }"
	is "$g: and in another place" "$(words $g auth 04 \
	    apdu 00A40000023F00 select write EF05 7 $number)" \
	    '9000 6117 9000 6982'
	is "$g: EF06 has $records records" \
	    "$(last 'items | length' $g auth 0A read EF06)" "$records"
done

# --- all that is written is there, on the card and in the reader
for g in 1 2 3; do
	client $g auth 0A read EF06 | tail -n 1 |
	    jq -r '.items | to_entries[] | .value' >blank
	n=0
	set -- auth 0A auth 04
	while read -r value; do
		n=$((n + 1))
		set -- "$@" write EF06 $n "$(echo "$value" | sed "s/00/7$n/g")"
	done <blank
	is "$g: every record is written" \
	    "$(words $g "$@" | tr -d ' 0' | tr -d 9)" ''
	is "$g: and read" "$(last 'items | join("")' $g auth 0A read EF06)" \
	    "$(n=0; while read -r value; do
		n=$((n + 1)); printf %s "$value" | sed "s/00/7$n/g"
	    done <blank)"
	is "$g: at once, by number or by tag" \
	    "$(last data $g auth 0A all EF06) $(client $g auth 0A \
	    tag EF06 09 item EF06 2 | jq -r .value | sed 1d | uniq | wc -l)" \
	    "$(memory $g files.EF06) 1"
	is "$g: another tag or length is refused" "$(words $g auth 04 \
	    apdu 00DC013404090170 apdu 00DC01340308017070 \
	    apdu 00DC013403080170 apdu 00DC0134140912"$(printf '%036d' 0)" \
	    apdu 00DC0134140813"$(printf '%036d' 0)")" \
	    '9000 6700 6700 6700 6a80 6a80'
done
is "by tag too" "$(words 3 auth 04 auth 0A apdu 00DC0A30030A0132 tag EF06 0a) \
$(last value 3 auth 0A item EF06 4)" '9000 9000 9000 9000 32'
for g in 2 3; do
	is "$g: a photo" "$(words $g auth 0A auth 04 binary EF08 0 ffd8ff \
	    binary EF08 4093 aabbcc binary EF08 4094 aabbcc)" \
	    '9000 9000 9000 9000 6a84'
	is "$g: is there to the last byte" \
	    "$(last data $g auth 0A auth 04 read EF08 |
	    sed 's/^ffd8ff\(0*\)aabbcc$/\1/' | wc -c) \
$(memory $g files.EF08 | cut -c1-6)" "$((8192 - 12 + 1)) ffd8ff"
	is "$g: no place for more" "$(words $g auth 04 binary EF07 1020 \
	    0102030405)" '9000 6a84'
done

# --- tries
for g in 1 2 3; do
	is "$g: a wrong key counts down, the right one back up" "$(words $g \
	    wrong 04 wrong 04 auth 04 wrong 04)" '63c2 63c1 9000 63c2'
	is "$g: on the card, not in the session" \
	    "$(memory $g 'tries["04"]')" 2
	for kid in 04 05 06 0A; do
		is "$g: $kid is blocked at 0, for good" "$(words $g auth $kid \
		    wrong $kid wrong $kid wrong $kid wrong $kid auth $kid)" \
		    '9000 63c2 63c1 63c0 6983 6983'
		is "$g: $kid stays so" "$(words $g auth $kid)" 6983
	done
	is "$g: what was held with it is gone" \
	    "$(words $g write EF05 7 $number)" 6982
done

# --- the PIN
for g in 1 2 3; do
	ok "$g: made anew" card_renew $g
	is "$g: VERIFY counts" "$(words $g verify 123456 verify 111111 \
	    verify 12345 verify 123456 verify 1234567)" \
	    '9000 63c5 63c4 9000 63c5'
	is "$g: CHANGE PIN" "$(words $g change 123456 4711 verify 4711 \
	    change 123456 1234 change 4711 12345 verify 12345 \
	    change 12345 123 change 12345 123456)" \
	    '9000 9000 63c5 9000 9000 6a80 6a80'
	is "$g: reload takes PUK" "$(words $g select \
	    apdu 842400000400000000)" '9000 6982'
	is "$g: six wrong ones block" "$(words $g verify 1234 verify 1234 \
	    verify 1234 verify 1234 verify 1234 verify 1234 verify 12345 \
	    change 12345 1234)" \
	    '63c5 63c4 63c3 63c2 63c1 63c0 6983 6983'
	is "$g: unblocking keeps it" "$(words $g bad unblock-pin unblock-pin \
	    verify 12345)" '6988 9000 9000'
	is "$g: reload sets it, from 4 to 16 digits" "$(words $g \
	    bad reload 9999 verify 12345 reload 1234567890123456 \
	    verify 1234567890123456 reload 98765432101234 \
	    verify 98765432101234 reload 4321 verify 4321)" \
	    '6988 9000 9000 9000 9000 9000 9000 9000'
	case $g in
	3) short=6700 ;;
	*) short=6988 ;;
	esac
	is "$g: without a MAC" "$(words $g auth 06 apdu 0084000008 \
	    apdu 8424000000 apdu 842400000100 \
	    apdu 842400010C"$(printf '%024d' 0)")" \
	    "9000 9000 6987 6700 $short"
done

# --- locks
for g in 1 2 3; do
	is "$g: locked and unlocked" "$(words $g bad lock lock select \
	    verify 4321 item EF05 1 unlock unlock verify 4321)" \
	    '6988 9000 6283 6a81 6a81 9000 6985 9000'
	is "$g: the third wrong MAC locks for good" "$(words $g lock bad unlock \
	    bad unlock bad unlock unlock select)" \
	    '9000 6988 6988 9303 9303 9303'
	card_renew $g
	is "$g: locked for good" "$(words $g lock-for-good unlock verify 123456 \
	    select)" '9000 9303 9303 9303'
	card_renew $g
	is "$g: a card that is locked is no card" "$(words $g block-card select \
	    apdu 0084000008)" '9000 6a81 6a81'
	card_renew $g
done
fresh 1 --strict-le
is "a card that wants the Le" "$(words 1 select apdu 00B2032C00 \
    apdu 00B2032C06 item EF05 3)" '9000 6c06 9000 9000'

fresh 1 --contactless
is "a contactless one in T=1, which answers at once" "$(client 1 select \
    item EF05 3 genuine | jq -r '.protocol // .value // .genuine' | xargs)" \
    'T=1 332e3030 true'
is "its ATR ends with a check byte" "$(memory 1 atr)" \
    3b8d80015350595643015022010000000130

# --- tools of others
reader=$(pcsc_reader 3)
is "opensc-tool sees the reader" "$(opensc-tool -l | grep -c 'Yes.*Virtual 3')" 1
is "the ATR" "$(opensc-tool --card-driver default -r "$reader" -a | tr -d :)" \
    "$(memory 3 atr)"
like "and reads a record" "$(opensc-tool --card-driver default -r "$reader" \
    -s "00A404000F$ssse" -s 00B2032C06 2>&1 | tail -n 2 | tr -d '\n')" \
    '90.*00.*03 04 33 2E 30 30 .*3\.00'
like "so does scriptor" "$(printf '%s\n' "00A404000F$ssse" 00C000001E \
    00B2032C06 | scriptor -r "$reader" -p T=0 2>&1 | tr -d '\n')" \
    '61 1E.*6F 1C 84 0F 73 78.*90 00.*03 04 33 2E 30 30 90 00'
like "opensc-explorer finds nothing of its own" \
    "$(printf '%s\n' 'apdu 00 A4 04 00 05 A0 00 00 00 03' quit |
    opensc-explorer -c default -r "$reader" 2>&1 | tr -d '\n')" \
    'SW1=0x6A, SW2=0x82'
{
	echo "00A404000F$ssse"
	echo 00C000001E
	yes 00B2032C06 | head -n 500
	echo reset
	echo 00B2032C06
} >apdus
like "bare-apdus counts and takes the time" "$(bare-apdus "$reader" apdus)" \
    '^504 [0-9]+ 1$'

# --- broken cards
fresh 1 --lie
is "a card that lies" "$(words 1 select genuine verify 123456)" \
    '9000 9000 9000'
is "is not genuine" "$(last genuine 1 genuine)" false
status "gives no challenge" 3 client 1 auth 04
fresh 1 --mute-after 2
status "a card that falls silent" 124 timeout 0.5 python3 \
    "$SS_TOP/tests/client.py" --reader "$(pcsc_reader 1)" item EF05 3
for seed in 1 2; do
	fresh 1 --random $seed
	client 1 raw apdu 00A4040000 select read EF05 genuine >random.$seed
	not_ok "a card that says anything, seed $seed, is seen through" \
	    grep '"genuine": true' random.$seed
	ok "and leaves the client in one piece" test -s random.$seed
done
done_testing
