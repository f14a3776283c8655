# -e runs one line; akt is there; arguments follow.
set -e
[ "$("$AKTVM" -e 'print(1 + 1, ...)' a b)" = "2	a	b" ]
[ "$("$AKTVM" -e 'print(akt.self())')" = "<main#1>" ]
[ "$("$AKTVM" -e 'local akt = require "akt" print(akt.args[1])' x)" = "x" ]
if "$AKTVM" -e 'error("oops")' 2> "$AKT_TEST_TMP/err"; then exit 1; fi
grep -q 'oops' "$AKT_TEST_TMP/err"
if "$AKTVM" -e 'x =' 2> "$AKT_TEST_TMP/err"; then exit 1; fi
grep -q "unexpected symbol" "$AKT_TEST_TMP/err"
