#!/bin/sh
# The software card beside the one of card.py: the same steps of a terminal
# that belongs to neither get the same answers from both, to the byte. Asked
# is what the card's facts decide, not where they leave a choice.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/pcsc.sh
. "$SS_TOP/tests/pcsc.sh"
pcsc_init 2

# Each line is a session; "new" is a card as its maker left it.
cat >sessions <<'END'
select
genuine
raw apdu 00A404000F7378312e73682ec9e7bbe1b1a3d5cf apdu 0084000008 apdu 00C000001E
raw apdu 00A404000F7378312e73682ec9e7bbe1b1a3d5cf apdu 00C0000010 apdu 00C0000008
select apdu 00B2032C05 apdu 00B2032C06
raw apdu 00A404000e315041592e5359532e4444463031 apdu 00A4000002DDF1 apdu 00A4000002DF04 apdu 00A4000002DDF1
raw apdu 00A40000023F00 apdu 00A4000002EF05
raw apdu 00A4040006D15600000500 apdu 00A4040006D15600000504 apdu 00A4040006D15600000505
raw apdu 00A4040005A000000003 apdu A0A40000023F00 apdu 00CA000000 apdu 00B2010405 apdu 00B2012C05
raw apdu 80A40000023F00 apdu 04A40000023F00 apdu 00A4010002DDF1 apdu 00A4000001DD apdu 00A4000002DDF100
select auth 0A apdu 00B2014405
select auth 0A apdu 00B0850001
select auth 0A apdu 00B2092C05 apdu 00B2002C05 apdu 00B2FF2800 apdu 00B2012F05
select auth 0A auth 04 apdu 00B0880001 apdu 00B0100001 apdu 00B00FFF02
select auth 0A auth 04 apdu 00B0C80001
raw apdu 0084000004 apdu 0084000010 apdu 0084000007 apdu 0084000000 apdu 0084010008
select apdu 008200041000000000000000000000000000000000
select apdu 0084000008 apdu 008200001000000000000000000000000000000000 apdu 008200021000000000000000000000000000000000 apdu 008200011000000000000000000000000000000000
select apdu 0084000008 apdu 0082000404000000 apdu 008200040400000000 apdu 008201041000000000000000000000000000000000
select apdu 00880000080011223344556677 apdu 0088000010001122334455667700112233445566 apdu 008800001100112233445566770011223344556677
select apdu 00880000100011223344556677001122334455667700 apdu 008800001000112233445566770011223344556677 apdu 00C0000008
select read EF05 item EF05 6 item EF05 7 item EF06 1 all EF05
select auth 0A item EF05 7 item EF06 1 all EF05 all EF06
select item EF05 1 read EF08
select auth 04 read EF08 read EF07
select auth 0A read EF08 read EF07
select write EF05 7 303132333435363738 auth 0A write EF05 7 303132333435363738 auth 04 write EF05 7 303132333435363738 item EF05 7
select auth 04 auth 0A
select write EF05 7 303132333435363738 item EF06 1
select auth 04 apdu 00A40000023F00 select write EF05 7 303132333435363738
select auth 04 wrong 04 write EF05 7 303132333435363738 auth 04
select auth 04 auth 0A read EF06 write EF06 1 313233343536373839303132333435363738 write EF06 4 31 write EF06 5 01 read EF06 tag EF06 0a tag EF06 4e
select auth 04 auth 0A apdu 00DC013404090170 apdu 00DC01340308017070 apdu 00DC0134 apdu 00DC013400 apdu 00DC09340308017070
select auth 04 auth 0A apdu 00DC0A30030A0132 apdu 00DC4530030A0132 apdu 00DC0130030A0132 apdu 00DC0133030A0132 read EF06
select auth 0A auth 04 binary EF08 0 ffd8ff binary EF08 4093 aabbcc binary EF08 4094 aabbcc read EF08
select auth 04 binary EF07 1020 0102030405 binary EF07 1024 01 binary EF07 0 0102
select auth 04 apdu 00D685000101 apdu 00DC01440401020304
select wrong 0A wrong 0A auth 0A wrong 0A
select auth 0A wrong 0A wrong 0A wrong 0A wrong 0A auth 0A
select auth 0A
select wrong 05 wrong 05 wrong 05 wrong 05 auth 05 wrong 06 wrong 06 wrong 06 wrong 06 auth 06
new
select verify 123456 verify 111111 verify 12345 verify 123456 verify 1234567
select apdu 0020000000 apdu 002000000112 apdu 00200000091234567890123456FF verify 123456
select apdu 0020000003ABCDEF apdu 002000000412345FFF apdu 0020000003123456 apdu 002000010312345F verify 123456
select verify 123456 change 123456 4711 verify 4711 change 123456 1234 change 4711 12345 verify 12345
select change 12345 123 change 12345 123456 verify 123456 verify 12345
select apdu 805E010007123456FFABCDEF apdu 805E010006123456123456 apdu 805E010003123456 apdu 805E000007123456FF234567 verify 12345
select apdu 842400000400000000
select auth 06 apdu 842400000400000000
select auth 06 apdu 0084000008 apdu 842400000400000000
select auth 06 apdu 0084000008 apdu 8424000000
select auth 06 apdu 0084000008 apdu 8424000005001122334400 apdu 84240000050011223344
select auth 06 apdu 0084000008 apdu 842400010C000000000000000000000000
select auth 06 apdu 0084000008 apdu 84240001140000000000000000000000000000000000000000
select auth 06 apdu 0084000008 apdu 842400020400000000 apdu 042400000400000000
select verify 1234 verify 1234 verify 1234 verify 1234 verify 1234 verify 1234 verify 12345 change 12345 1234
select bad unblock-pin unblock-pin verify 12345
select bad reload 9999 verify 12345 reload 1234567890123456 verify 1234567890123456 reload 98765432101234 verify 98765432101234 reload 4321 verify 4321
select reload 123456 verify 123456 change 123456 4321
select bad reload 1111 bad reload 1111 bad reload 1111 bad reload 1111 reload 4321
select bad unblock-pin bad unblock-pin bad unblock-pin unblock-pin
select lock verify 4321
select change 4321 1234
select reload 1234
select unlock unlock verify 4321
select bad lock bad lock bad lock lock
select unlock
select auth 05 apdu 841E00000400000000
select auth 05 apdu 0084000008 apdu 841E00000500000000 apdu 841E0000050000000000 apdu 841E00020400000000
select lock bad unlock bad unlock unlock verify 4321
select lock bad unlock bad unlock bad unlock
select
new
select lock-for-good verify 123456 item EF05 1
select
new
select bad block-card block-card
select
raw apdu 00A40000023F00 apdu 0084000008 apdu 00CA000000 apdu A0A40000023F00
END
csplit -s -z -f part. sessions '/^new$/' '{*}' || exit 1

# What a card says in the sessions of a part, a line for each.
answers() { # N PART
	_steps=$(sed '/^new$/d; s/$/ reset/' "$2" | xargs)
	# shellcheck disable=SC2086 # words
	client "$1" $_steps | jq -r 'if .step == "reset" then "reset" else
	    if (.apdu // "")[:4] == "0084" then del(.data) else . end |
	    [.[] | tostring] | join(" ") end' |
	    awk '/^reset$/ { print line; line = ""; next }
		{ line = line " | " $0 }'
}

# The one thing that two makers fill in differently.
agency='auth 04 write EF05 4 220100000000000000000000'
compare() { # GENERATION PART
	rm -rf soft card-1.json
	ss-softcard new --profile "gen$1" --serial 7 -R 220100 --fill 00 soft
	ss-softcard insert --port "$(pcsc_port 2)" soft &
	_soft=$!
	ok "$1: two cards" card_in 1 --generation "$1" --serial 7 \
	    --maker 53534f53315343
	ok "$1: of the same make" wait "$_soft"
	# shellcheck disable=SC2086 # words
	ok "$1: and agency" client 1 $agency
	answers 1 "$2" >one
	answers 2 "$2" >two
	sed '/^new$/d' "$2" >lines
	is "$1: all sessions have answers" "$(wc -l <one) $(wc -l <two)" \
	    "$(wc -l <lines) $(wc -l <lines)"
	_line=0
	while read -r session; do
		_line=$((_line + 1))
		is "$1: $session" "$(sed -n ${_line}p two)" \
		    "$(sed -n ${_line}p one)"
	done <lines
	ss-softcard eject soft
	card_out 1
	pcsc_wait 2 gone
	is "$1: and both hold the same" "$(ss-softcard show soft |
	    jq -r '[.files.EF05[], .files.EF06[]] | add')" \
	    "$(jq -r '.files | .EF05 + .EF06' card-1.json)"
}

for g in 1 2 3; do
	for part in part.*; do
		compare $g "$part"
	done
done
done_testing
