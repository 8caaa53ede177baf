#!/bin/sh
# The arithmetic of cards beside a second implementation (arithmetic.py), on
# random questions of every operation and setting. SS_SEED sets which.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
seed=${SS_SEED:-1}
cases=200
if [ -n "${SS_SWEEP:-}" ]; then
	cases=2000
fi

ok "$cases questions of each, seed $seed" python3 \
    "$SS_TOP/tests/arithmetic.py" --seed "$seed" --cases "$cases" q want
ok "all are answered" sh -c 'arithmetic <q >got'
for cipher in 3des sm4; do
	for operation in diversify session auth mac reload order kcv place \
	    historical; do
		for f in want got; do
			grep "^$cipher [^ ]* $operation " $f >$f.part
		done
		is "$cipher $operation: as many as asked" \
		    "$(wc -l <got.part)" "$cases"
		ok "$cipher $operation: the same" diff want.part got.part
	done
done

# Questions that could all be refused, or all alike, would show nothing.
is "as many have a result" "$(grep -c ' = [0-9a-f]*$' got)" \
    "$(grep -cv ' = invalid$' want)"
for operation in mac reload place; do
	ok "$operation: some are refused with the defaults" \
	    grep " - $operation .* = invalid$" got
	ok "$operation: some are not" \
	    grep " - $operation .* = [0-9a-f]*$" got
done
is "no two keys have the same check value" \
    "$(grep ' - kcv ' got | cut -d' ' -f6 | sort | uniq -d)" ''
status "what is no question" 2 sh -c 'echo 3des - sum 00 | arithmetic'
done_testing
