#!/bin/sh
# Card profiles: the page says what the table says, the values shipped are what
# the files make when they are laid over each other, faults are named.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

page=$SS_TOP/man/ss-profile.5
dir=$SSCARD_DATA/profiles

# The page: every member with its type, limits and default, and how sure it is.
list-profile >table
ok 'there is a table' test "$(wc -l <table)" -gt 80
awk -F '\t' '{ print $1 " " $2 ($3 == "-" ? "" : "; default " $3) }' table |
    sort >want
sed -n '/^\.Sh MEMBERS/,/^\.Sh FILES/s/^\.It Va //p' "$page" >members
sed 's/ Pq / /; s/; [a-z]*$//' members | sort >got
is 'ss-profile.5 has the members, types and defaults of the table' \
    "$(diff want got)" ''
is 'and of each how sure it is' \
    "$(grep -vE '; (seen|likely|unknown)$' members)" ''
cut -f 1 table >want
sed 's/ .*//' members >got
is 'in the order of the table' "$(diff want got)" ''

# The sources and words that the page lists are those that are taken.
sed -n '/^static const char \*const item_sources/,/;$/p' \
    "$SS_TOP/lib/chip/profile_schema.c" | tr -d '\n\t' | sed 's/[,{}]/\n/g' |
    sed -n 's/^ *"\(.*\)"$/\1/p' | sort >want
sed -n '/^\.It Va files\.\*\.items\.\*\.source/,/^\.It Va .*read/p' "$page" |
    grep '^\.Cm ' | tr ' ' '\n' | grep '\.[a-z]' | sort -u >got
ok 'there are sources' test "$(wc -l <want)" = 9
is 'ss-profile.5 has them' "$(diff want got)" ''

# What each file makes, laid over what it is like by another hand.
cat >laid.jq <<'END'
def lay($o): reduce ($o | keys_unsorted[]) as $k (.;
    if $o[$k] == null then del(.[$k])
    elif ($o[$k] | type) == "object"
    then .[$k] = ((.[$k] // {}) | lay($o[$k])) else .[$k] = $o[$k] end);
def value: if . == null then "none" elif type == "array" then join(" ")
    else tostring end;
(($one[0] as $o | $two[0] | lay($o)), $two[0],
    ($three[0] as $o | $two[0] | lay($o))) as $p |
$p | getpath($path | split(".")) | value
END
awk -F '\t' '$3 != "-" { print $1 }' table | while read -r path; do
	jq -nr --arg path "$path" --slurpfile one "$dir/gen1.json" \
	    --slurpfile two "$dir/gen2.json" \
	    --slurpfile three "$dir/gen3.json" -f laid.jq |
	    paste -sd '\t' | awk -F '\t' -v path="$path" '{
		print path "\t" $2 ($1 == $2 ? "" : ", gen1 " $1) \
		    ($3 == $2 ? "" : ", gen3 " $3) }'
done >want
awk -F '\t' -v OFS='\t' '$3 != "-" { print $1, $3 }' table >got
is 'the values are what the files make' "$(diff want got)" ''

# The example is a profile, and what it says holds beside what it leaves out.
cp -r "$SSCARD_DATA" data
chmod -R u+w data
awk '/^\.Bd -literal -offset indent$/ { on = 1; next }
	/^\.Ed$/ { on = 0 }
	on' "$page" >data/profiles/maker.json
ok 'the example of the page loads' env SSCARD_DATA=data list-profile

# A fault is named with its file, its member and the cure.
fault() { # TEXT WANT: of a profile that is like gen3
	printf '%s\n' "$1" >data/profiles/maker.json
	status "$1" 3 env SSCARD_DATA=data list-profile
	is 'is named' "$(cat err)" "data/profiles/maker.json: $2"
}
fault '{"like":"gen3","files":{"EF06":{"items":{"name":{"len":70}}}}}' \
    'files.EF06.items.name.len: 1 to 64 is wanted'
fault '{"like":"gen3","files":{"EF06":{"items":{"name":{"lenght":30}}}}}' \
    'files.EF06.items.name.lenght: no such member; perhaps files.EF06.items.name.len'
fault '{"like":"gen3","files":{"EF08":{"sfi":6}}}' \
    'files.EF08.sfi: 6 is that of EF06'
fault '{"like":"gen"}' 'like: no profile "gen"'
fault '{"like":"maker"}' 'like: in the end it is like itself'
fault '{"like":"gen3"' 'byte 15: ends too early'
rm data/profiles/*.json
status 'no profile' 3 env SSCARD_DATA=data list-profile
is 'is named too' "$(cat err)" 'data/profiles: no profile'
done_testing
