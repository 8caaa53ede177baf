#!/bin/sh
. "$(dirname "$0")/lib.sh"
# What make install installs works where it stands, with its own data.

data=$SSCARD_DATA
commands=$(basename -s .c "$SS_TOP"/cmd/*.c)
unset SSCARD_DATA MAKEFLAGS MAKELEVEL MFLAGS BUILD DESTDIR

# What is to be there, below a prefix.
wanted() {
	for c in $commands; do
		echo "bin/$c"
		echo "share/bash-completion/completions/$c"
		echo "share/fish/vendor_completions.d/$c.fish"
	done
	echo share/zsh/site-functions/_sscard
	(cd "$data" && ls -d -- *.json *.tsv policies/*.json \
	    profiles/*.json) |
	    sed 's/^/share\/sscard\//'
	for f in "$SS_TOP"/man/*.[157]; do
		echo "share/man/man${f##*.}/$(basename "$f")"
	done
}
wanted | sort >want

# A recipe run over what is built already lists its files in a moment.
make -n -C "$SS_TOP" PREFIX=/opt/x DESTDIR="$W/stage" install >recipe 2>&1
like "DESTDIR stands before PREFIX" "$(cat recipe)" \
    "^install -m 755 .* $W/stage/opt/x/bin\$"
if [ -z "${SS_SLOW:-}" ]; then
	ok "make install with a prefix of its own" make -s -j2 -C "$SS_TOP" \
	    CC=gcc OPT=-O0 HARDEN= BUILD="$W/build" PREFIX="$W/usr" \
	    DESTDIR="$W/stage" install
	(cd "stage$W/usr" && find . -type f) | sed 's/^\.\///' | sort >got
	ok "make install of the same build with another" make -s -j2 \
	    -C "$SS_TOP" CC=gcc OPT=-O0 HARDEN= BUILD="$W/build" \
	    PREFIX="$W/other" install
	ok "which finds its data there" "$W/other/bin/ss-guide" loss
	is "installs what is to be there, and no more" "$(diff want got)" ''
	is "commands can be run, data be read" \
	    "$(find "stage$W/usr" -type f -exec stat -c %a {} + | sort |
	    uniq -c | xargs)" \
	    "$(($(wc -l <want) - $(echo "$commands" | wc -l))) 644 $(echo \
	    "$commands" | wc -l) 755"
	is "folders be entered" \
	    "$(find stage -type d -exec stat -c %a {} + | sort -u)" 755
	mv "stage$W/usr" usr
	PATH=$W/usr/bin:/usr/bin:/bin
	number=$(citizen 110105 19900307 123)
	ok "an application goes through" sh -c "
		ss-apply -o wang --name 王小明 --id-number $number |
		ss-verify -o li"
	is "with the data installed" "$(jq -r .region out)" 110105
	like "each command knows its version" "$(ss-apply -V)" \
	    '^ss-apply \(sscard\) [0-9.]+$'
	ok "the guide is there" ss-guide -R 11
	status "without the data" 3 sh -c 'mv usr/share/sscard usr/share/other
		ss-apply </dev/null'
	like "it says where it looked" "$(cat err)" "$W/usr/share/sscard"
	ok "and is told where else" \
	    env SSCARD_DATA="$W/usr/share/other" ss-apply /dev/null
	for f in "$SS_TOP"/man/*.[157]; do
		s=${f##*.}
		page=$(basename "$f" ".$s")
		ok "man finds $page($s)" \
		    mman -M "$W/usr/share/man" -w "$s" "$page"
	done
else
	grep -v /man/ want | sed 's/.*\///' | sort -u | while read -r f; do
		grep -qF "${f%.fish}" recipe || echo "$f"
	done >missing
	is "all but pages that is to be there is in the recipe" "$(cat missing)" ''
fi
done_testing
