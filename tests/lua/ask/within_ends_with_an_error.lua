-- flags: --sim --seed 7
-- After an error inside, the deadline before it is in force again.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get(s) akt.sleep(s) return "done" end
local s = akt.spawn(Slow)
print(pcall(akt.within, 1, error, "no", 0))  -- expect: false	no
print(s:ask("get", 2))                       -- expect: done
akt.within(4, function()
  pcall(akt.within, 1, error)
  print(s:ask("get", 2))                     -- expect: done
  print(akt.try(akt.ask, s, "get", 3) == nil) -- expect: true
end)
