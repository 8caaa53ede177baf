# A PC/SC stack of this test file's own, to be sourced right after lib.sh:
# sourcing it begins the file anew in a namespace of its own (mounts, network),
# where its pcscd and virtual readers have nothing to do with any other here.
# Where a namespace is refused and nothing runs yet, pcscd runs as it is, one
# test file at a time; where that is refused too the whole file is a skip.
#
#   pcsc_init N             N readers, 1 to 16, and a pcscd that lists them
#                           and nothing else; takes a tenth of a second
#   pcsc_reader N           the name of reader N, from 1 on
#   pcsc_port N             the TCP port of 127.0.0.1 that its card connects to
#   pcsc_wait N present     waits until a card is seen in reader N, or "gone"
#   card_in N ARGUMENT...   puts a card of card.py into reader N; its memory is
#                           $W/card-N.json, kept from one time to the next;
#                           on return it is seen, 0.4 s later
#   card_out N              takes it out
#   card_renew N            makes it as its maker left it, where it is
#   card_pid N              its process
#   client N STEP...        client.py on reader N

# shellcheck shell=sh
# shellcheck disable=SC2317,SC2034 # reached and used by those who source it
_pcsc_there() { # COMMAND OPTION...: whether namespaces are granted
	"$@" sh -c 'mount -t tmpfs tmpfs /run' 2>/dev/null
}
_pcsc_in=${SSCARD_TEST_PCSC:-}
unset SSCARD_TEST_PCSC		# what a test starts has one of its own
if [ -z "$_pcsc_in" ]; then
	_pcsc_in=here
	set -- "$0" "$@"
	for _option in '' -r; do
		# shellcheck disable=SC2086 # none is no word
		_pcsc_there unshare $_option -m -n --propagation private ||
			continue
		cd "$OLDPWD" && rm -rf "$W" || exit 1
		export SSCARD_TEST_PCSC=namespace
		# shellcheck disable=SC2086
		exec unshare $_option -m -n --propagation private sh "$@"
	done
	shift
fi
PCSC=''			# its process
_pcsc_slots=1		# of each reader, one of which is used
_pcsc_cards=''		# readers that have had a card of card_in
_pcsc_then=:
export PYTHONDONTWRITEBYTECODE=1	# not beside the tests

_pcsc_path=$PATH:/usr/sbin:/sbin

_pcsc_skip() { # REASON
	skip "$(basename "$0"): all of it" "$1"
	done_testing
}

_pcsc_end() {
	for _n in $_pcsc_cards; do
		_card_end "$_n"
	done
	if [ -n "$PCSC" ]; then
		kill "$PCSC" 2>/dev/null
		wait "$PCSC" 2>/dev/null
	fi
	$_pcsc_then
}

# The library that drives virtual readers. Two readers of one library share
# what it remembers, so each has a copy. It makes two slots of each reader; a
# copy that doesn't know the question after slots (TAG_IFD_SLOTS_NUMBER) has
# one.
_pcsc_library() { # FILE
	_driver=$(find /usr/lib/pcsc/drivers/serial/libifdvpcd.so \
	    /usr/lib/*/pcsc/drivers/serial/libifdvpcd.so 2>/dev/null | head -n 1)
	[ -n "$_driver" ] && cp "$_driver" "$1" || return
	_tag=$(LC_ALL=C grep -obUaP '\xae\x0f\x00\x00' "$1" | cut -d: -f1)
	case $_tag in
	*[!0-9]* | '')	# another machine's code, or more than one place
		_pcsc_slots=2
		;;
	*)
		_pcsc_slots=1
		printf '\377' | dd of="$1" bs=1 seek=$((_tag + 1)) \
		    conv=notrunc status=none
		;;
	esac
}

_pcsc_listed() { # N: whether all readers are there
	[ -S /run/pcscd/pcscd.comm ] &&
	    [ "$(opensc-tool -l 2>/dev/null | grep -c ' Virtual ')" = \
	$(($1 * _pcsc_slots)) ]
}

pcsc_init() { # N
	case $_pcsc_in in
	namespace)
		mount -t tmpfs tmpfs /run && PATH=$_pcsc_path ip link set lo up
		;;
	*)
		exec 9>"${TMPDIR:-/tmp}/sscard-pcscd.lock" && flock 9
		[ ! -e /run/pcscd/pcscd.comm ] || _pcsc_skip 'pcscd runs already'
		;;
	esac
	mkdir -p /run/pcscd 2>/dev/null ||
	    _pcsc_skip 'neither a namespace nor the right to run pcscd'
	mkdir "$W/pcsc" "$W/pcsc/conf" || exit 1
	_pcsc_library "$W/pcsc/reader-1.so" ||
	    _pcsc_skip 'no virtual reader (vsmartcard-vpcd)'
	_n=1
	while [ "$_n" -le "$1" ]; do
		[ "$_n" = 1 ] || cp "$W/pcsc/reader-1.so" "$W/pcsc/reader-$_n.so"
		cat <<END
FRIENDLYNAME "Virtual $_n"
DEVICENAME /dev/null:$(printf '0x%X' "$(pcsc_port "$_n")")
LIBPATH $W/pcsc/reader-$_n.so
CHANNELID $_n
END
		_n=$((_n + 1))
	done >"$W/pcsc/conf/readers"
	# The shell may be killed: pcscd then ends too.
	_pcsc_then=$at_end
	at_end=_pcsc_end
	trap 'exit 130' PIPE
	PATH=$_pcsc_path setpriv --pdeathsig TERM pcscd --foreground \
	    -c "$W/pcsc/conf" >"$W/pcsc/log" 2>&1 9>&- &
	PCSC=$!
	_tries=1000
	until _pcsc_listed "$1"; do
		_tries=$((_tries - 1))
		if [ "$_tries" = 0 ] || ! kill -0 "$PCSC" 2>/dev/null; then
			_show pcscd "$W/pcsc/log"
			_pcsc_skip 'pcscd does not start'
		fi
		sleep 0.01
	done
}

pcsc_reader() { # N
	printf 'Virtual %d 00 00\n' "$1"
}

pcsc_port() { # N
	echo $((35963 + ($1 - 1) * _pcsc_slots))
}

pcsc_wait() { # N present|gone [SECONDS]
	python3 "$SS_TOP/tests/client.py" --reader "$(pcsc_reader "$1")" \
	    --until "$2" --wait "${3:-10}"
}

card_pid() { # N
	eval "echo \"\${_card_pid_$1}\""
}

_card_start() { # N ARGUMENT...
	_reader=$1
	shift
	python3 "$SS_TOP/tests/card.py" --port "$(pcsc_port "$_reader")" \
	    --state "$W/card-$_reader.json" "$@" 9>&- &
	eval "_card_pid_$_reader=$!"
}

# pcscd looks at a reader every 0.4 s. Where a card left in the middle of a
# command and another came before the next look, it never learns of that one.
card_in() { # N ARGUMENT...
	_pcsc_cards="$_pcsc_cards $1"
	_card_start "$@"
	pcsc_wait "$_reader" present 1 >/dev/null && return
	_card_end "$_reader"
	_card_start "$@"
	pcsc_wait "$_reader" present
}

_card_end() { # N
	_pid=$(card_pid "$1")
	[ -n "$_pid" ] || return 0
	eval "_card_pid_$1="
	kill "$_pid" 2>/dev/null
	wait "$_pid" 2>/dev/null
	return 0
}

card_out() { # N
	_card_end "$1"
	# The next card would else be taken for this one.
	pcsc_wait "$1" gone
}

card_renew() { # N
	rm -f "$W/card-$1.json"
	kill -HUP "$(card_pid "$1")" || return
	until [ -e "$W/card-$1.json" ]; do
		sleep 0.01
	done
}

client() { # N STEP...
	_reader=$1
	shift
	python3 "$SS_TOP/tests/client.py" --reader "$(pcsc_reader "$_reader")" \
	    "$@"
}
