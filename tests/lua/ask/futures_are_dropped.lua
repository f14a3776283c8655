-- A future nobody waits for ends with its actor or with the collector; the
-- late answer is counted and harms nobody.
-- flags: --sim --seed 7
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get(s) akt.sleep(s) return "done" end
local slow = akt.spawn(Slow)
local p, ref = akt.spawn_monitor(function(slow)
  for _ = 1, 10 do akt.async(slow, "get", 0.1) end
end, slow)
akt.receive{ down = function(_, _, reason) print(reason) end } -- expect: normal
for _ = 1, 1000 do akt.async(slow, "get", 0) end
for _ = 1, 1000 do local t = {} for i = 1, 100 do t[i] = { i } end end
print(akt.within(60, akt.ask, slow, "get", 0)) -- expect: done
