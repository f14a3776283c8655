# SPDX-License-Identifier: MIT
# A seed repeats what subscribers get, what they lose, and the traces.
set -e
cd "$AKT_TEST_TMP"
cat > app.lua <<'L'
local akt = require "akt"
local Worker = akt.actor "worker"
function Worker.on:die() error("dies") end
local Listener = akt.actor "listener"
function Listener:init()
  self.n, self.lost, self.seen = 0, 0, {}
  akt.events.subscribe { severity = "trace", max = 5 }
end
function Listener.on:event(e)
  self.n = self.n + 1
  self.seen[#self.seen + 1] = e.type .. ":" .. tostring(e.trace)
end
function Listener.on:lagged(n)
  self.lost = self.lost + n
  self.seen[#self.seen + 1] = "lagged:" .. n
end
function Listener.on:get() return self.n, self.lost, table.concat(self.seen, " ") end
local listener = akt.spawn(Listener)
for _ = 1, 10 do
  local w = akt.spawn(Worker)
  akt.try(akt.ask, w, "die")
  w:send("late")
end
local n, lost, seen
repeat
  n, lost, seen = listener:ask("get")
  local s = akt.events.stats().subscribers[1]
  akt.sleep(0.01)
until n == s.delivered and lost == s.lost
print(n, lost, seen)
L
for seed in 1 2 3 4 5 6 7 8 9 10; do
  "$AKTVM" --sim --seed $seed --crash-reports off app.lua > first
  "$AKTVM" --sim --seed $seed --crash-reports off app.lua > second
  cmp first second
  cat first >> all
done
[ "$(sort -u all | wc -l)" -gt 1 ] # seeds differ
