#!/bin/sh
# Messages of mail as another reader sees them: Python's email package.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

ok "what comes back is what was given" python3 "$SS_TOP/tests/mail.py" give
ok "lines, words, headers and dates are as the RFCs have them" \
    python3 "$SS_TOP/tests/mail.py" form
ok "what would break out of its header is refused" \
    python3 "$SS_TOP/tests/mail.py" refuse
done_testing
