# SPDX-License-Identifier: MIT
# A profile names the functions and lines in which the time goes.
set -e
ask() { python3 "$AKT_ROOT/tests/lua/diagnose/support/ask.py" "$AKT_TEST_TMP/sock" "$@"; }
cd "$AKT_TEST_TMP"
cat > app.lua <<'L'
local akt = require "akt"
local Busy = akt.actor "busy"
local function inner(n)
  local x = 0
  for i = 1, n do x = x + i % 7 end
  return x
end
function Busy.on:work()
  local n = inner(200000)
  return n
end
local Other = akt.actor "other"
function Other.on:sorts()
  local t = {}
  for i = 1, 20000 do t[i] = i * 7919 % 10007 end
  table.sort(t, function(a, b) return a < b end)
end
local busy = akt.spawn_opt({ name = "busy" }, Busy)
local other = akt.spawn(Other)
repeat
  busy:ask("work")
  other:ask("sorts")
until io.open("stop")
akt.exit(0)
L
"$AKTVM" --admin sock app.lua & pid=$!
trap 'kill -9 $pid 2>/dev/null || true' EXIT
ask profile '{"seconds":1}' > all & one=$!
while ! ask profile '{"seconds":1}' > second; do :; done
wait $one
cat all second > both
grep -q 'busy;on.work@app.lua:8;inner@app.lua:3;app.lua:5 [0-9]' both || { cat both; exit 1; }
grep -q 'other;on.sorts@app.lua:13' both || { cat both; exit 1; }
ask profile '{"seconds":1,"pid":"busy"}' > only
grep -q 'busy;on.work' only; ! grep -q 'other;' only
ask profile '{"seconds":9999}' | grep -q bad_argument
# one that nobody waits for is given up
timeout 0.3 python3 "$AKT_ROOT/tests/lua/diagnose/support/ask.py" sock profile '{"seconds":60}' || true
until ask profile '{"seconds":1}' | grep -q folded; do :; done
touch stop; wait $pid
