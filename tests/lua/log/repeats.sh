# The same line again and again is written 100 times a second and then summed
# up; others are not touched. All lines are accounted for.
set -e
tmp=$AKT_TEST_TMP
cat > "$tmp/a.lua" <<'L'
local akt = require "akt"
for i = 1, 20000 do akt.log.warn{ "again", i = i } end
akt.log.warn("once")
L
"$AKTVM" "$tmp/a.lua" 2>"$tmp/err"
[ "$(grep -c ' once$' "$tmp/err")" = 1 ]
awk '
/ again i=/ { n++ }
/ repeated [0-9]* times / { match($0, /count=[0-9]+/)
    sums++; n += substr($0, RSTART + 6, RLENGTH - 6) }
END { if (n != 20000 || sums < 1) { print n, sums; exit 1 } }' "$tmp/err"
[ "$(wc -l <"$tmp/err")" -lt 10000 ]
# a simulated run writes them all: its output does not depend on real time
"$AKTVM" --sim "$tmp/a.lua" 2>"$tmp/err"
[ "$(grep -c ' again i=' "$tmp/err")" = 20000 ]
