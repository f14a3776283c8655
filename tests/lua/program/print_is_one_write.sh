#!/usr/bin/env bash
# One print is one write: lines of several actors do not mix.
set -euo pipefail
cat >"$AKT_TEST_TMP/p.lua" <<'L'
local akt = require "akt"
local W = akt.actor "w"
function W.on:go(n)
  for i = 1, 200 do print(("x"):rep(100), n, i) end
end
for n = 1, 8 do akt.spawn(W):send("go", n) end
L
"$AKTVM" --workers 4 "$AKT_TEST_TMP/p.lua" >"$AKT_TEST_TMP/out"
[ "$(wc -l <"$AKT_TEST_TMP/out")" = 1600 ]
! grep -vP '^x{100}\t\d\t\d+$' "$AKT_TEST_TMP/out"
# in order per actor
sort -s -k2,2 "$AKT_TEST_TMP/out" | cut -f2,3 >"$AKT_TEST_TMP/got"
for n in 1 2 3 4 5 6 7 8; do seq 200 | sed "s/^/$n\t/"; done |
  diff - "$AKT_TEST_TMP/got"
