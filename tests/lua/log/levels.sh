# Levels, tables with keys in order, strings with spaces quoted; to stderr.
set -e
cat > "$AKT_TEST_TMP/a.lua" <<'L'
local akt = require "akt"
akt.log.debug("d")
akt.log.info{ "hello", b = 1, a = "x y" }
akt.log.warn("w")
akt.log.error{ "e", who = akt.self() }
L
err=$("$AKTVM" "$AKT_TEST_TMP/a.lua" 2>&1 >/dev/null)
[ "$(echo "$err" | sed 's/^[0-9TZ:.-]* //')" = 'info <main#1> hello a="x y" b=1
warn <main#1> w
error <main#1> e who=<main#1>' ] || { echo "$err"; exit 1; }
[ "$("$AKTVM" --log-level debug "$AKT_TEST_TMP/a.lua" 2>&1 | wc -l)" = 4 ]
[ "$("$AKTVM" --log-level error "$AKT_TEST_TMP/a.lua" 2>&1 | wc -l)" = 1 ]
