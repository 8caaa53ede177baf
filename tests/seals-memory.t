#!/bin/sh
# What a command that seals has of its operator's key in memory, while it runs
# and between its records, and what others can see of it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unset SSCARD_TRUST

(umask 077 && echo secret-wang >pass)
for algorithm in sm2 p256; do
	key=$algorithm.key
	ok "a key: $algorithm" sh -c "ss-key -q operator new wang -o file:$key \
	    --algorithm $algorithm --role clerk -R 00 --operator-fd 3 3<pass"
	# The DER of PKCS #8 has the scalar behind 02 01 01 04 20.
	openssl pkey -in $key -passin file:pass -outform DER |
	    od -An -v -tx1 | tr -d ' \n' |
	    sed 's/.*0201010420//' | cut -c1-64 >scalar
	is 'its scalar is known' "$(tr -d '\n' <scalar | wc -c)" 64
	cat pass scalar >secrets
	rm -f look to from
	mkfifo to from
	ss-apply -q -o file:$key --operator-fd 3 - <to >from 3<pass &
	pid=$!
	exec 4>to 5<from
	forms_of 2 >forms
	while read -r form; do
		echo "$form" >&4
		read -r line <&5
		is 'a record is sealed' "$(echo "$line" |
		    jq -r '.seals[0].operator, .error')" "$(printf 'wang\nnull')"
		python3 "$SS_TOP/tests/memory.py" $pid secrets >why
	done <forms
	is 'the key is there, on locked pages that no core file has' \
	    "$(sort -u look)" 'found 0 0 True'
	not_ok 'others cannot look' sh -c \
	    "setpriv --reuid 65534 --clear-groups cat /proc/$pid/maps"
	exec 4>&- 5<&-
	wait $pid
	is 'it ended well' $? 0
done
done_testing
