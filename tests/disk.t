#!/bin/sh
# Full disks, and disks and stores that may only be read, under every command's
# run; see sweep.sh. In a mount namespace of its own, where there are such.
if [ -z "${SS_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	SS_MOUNTS=1 exec unshare -m "$0"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/postgres.sh
. "$SS_TOP/tests/postgres.sh"
# shellcheck source=tests/sweep.sh
. "$SS_TOP/tests/sweep.sh"
mkdir disk
if ! mount -t tmpfs \
    -o "size=$((2 + many / 40))m,mode=700" tmpfs disk 2>mount.err; then
	skip 'full and read-only disks' 'may not mount'
	done_testing
fi
# shellcheck disable=SC2034 # lib.sh runs it
at_end='umount disk'

fill() { # KIB: leaves so much of the disk
	dd if=/dev/zero of=disk/filler bs=1k 2>/dev/null
	truncate -s "-$1K" disk/filler
}
on_disk() { # what is $engine's register, for a while on the small disk
	cp registry.db disk/registry.db
	SSCARD_REGISTRY="sqlite:$W/disk/registry.db"
}
came_back() { # COMMAND: what failed is as it came, to be run again
	case $1 in
	apply) given=forms ;;
	verify) given=applied ;;
	collect) given=made ;;
	activate) given=collected ;;
	lose | reissue | cancel) given=active ;;
	*) return 0 ;;
	esac
	jq -cS . $given | sort >given.sorted
	[ "$(grep '}$' part | jq -cS 'select(.error) | del(.error)' | sort |
	    comm -23 - given.sorted | wc -l)" = 0 ]
}
no_room() { # COMMAND
	measure "$1"
	wrong='' ends=''
	for room in $rooms; do
		restore "$(base "$1")"
		on_disk
		fill "$room"
		work "$1" >part 2>err
		ends="$ends $?"
		rm -f disk/filler
		came_back "$1" || wrong="$wrong comes back otherwise;"
		settle "$1"
		SSCARD_REGISTRY="sqlite:$W/registry.db"
		rm -f disk/registry.db*
		restore "$(base "$1")"
		fill "$room"
		work "$1" >disk/part 2>err
		ends="$ends/$?"
		cp disk/part part
		rm -f disk/filler disk/part
		settle "$1"
	done
	is "$1: no room for the register/the output: ends$ends" "$wrong" ''
}
read_only() { # COMMAND
	measure "$1"
	restore "$(base "$1")"
	on_disk
	wrong=''
	mount -o remount,ro disk
	work "$1" >part 2>err
	end=$?
	mount -o remount,rw disk
	[ "$1" = make ] || [ $end = 3 ] || wrong="status $end;"
	[ "$(printed part | wc -l)" = 0 ] || wrong="$wrong something is done;"
	settle "$1"
	SSCARD_REGISTRY="sqlite:$W/registry.db"
	rm -f disk/registry.db*
	is "$1: a disk that may only be read, and then written" "$wrong" ''
}
no_room_for_files() {
	n=40
	whole_forms $n 30000 | awk -v n=$n '{ f = "doc" NR
		for (i = 0; i < 300; i++) printf "%d %d\n", NR, i >f
		close(f)
		sub(/one.pdf/, f); print }' >forms
	measure apply
	wrong=''
	for how in room read; do
		restore empty
		mkdir -p disk/files
		export SSCARD_FILES="$W/disk/files"
		[ $how = read ] || fill 30
		[ $how = room ] || mount -o remount,ro disk
		work apply >part 2>err
		end=$?
		mount -o remount,rw disk
		rm -f disk/filler
		[ $end = 3 ] || [ $end = 1 ] || wrong="$wrong $how: $end;"
		jq -r '.error.code // "done"' part | sort | uniq -c | xargs |
		    sed "s/^/# $how: /"
		settle apply
		rm -rf disk/files
	done
	export SSCARD_FILES="$W/files"
	is 'no room for documents, or a store that may only be read' \
	    "$wrong" ''
	whole_forms $many >forms
}
begin sqlite
prepare
for c in $all; do
	no_room "$c"
done
for c in apply make collect reissue; do
	read_only "$c"
done
no_room_for_files
done_testing
