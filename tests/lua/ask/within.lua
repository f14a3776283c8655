-- flags: --sim --seed 7
-- A deadline of one's own replaces the default of 5 s, up or down.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get(s) akt.sleep(s) return "done" end
local function timed(f, ...)
  local start = akt.clock()
  local v, err = akt.try(f, ...)
  print(v or err.code, math.floor((akt.clock() - start) * 10 + 0.5) / 10)
end
local function get(s) return akt.spawn(Slow):ask("get", s) end
timed(get, 6)                          -- expect: timeout	5.0
timed(akt.within, 8, get, 6)           -- expect: done	6.0
timed(akt.within, 1, get, 6)           -- expect: timeout	1.0
timed(akt.within, 1, akt.within, 3, get, 6) -- expect: timeout	1.0
timed(akt.within, 3, akt.within, 1, get, 6) -- expect: timeout	1.0
timed(akt.within, 1, akt.sleep, 9)     -- expect: timeout	1.0
timed(akt.within, 1, akt.receive)      -- expect: timeout	1.0
timed(akt.within, 1, akt.receive, {}, 3) -- expect: timeout	1.0
timed(akt.within, 3, akt.receive, {}, 1) -- expect: timeout	1.0
timed(get, 2)                          -- expect: done	2.0
print(akt.within(1, function(...) return ... end, 1, nil, 2, nil)) -- expect: 1	nil	2	nil
timed(akt.within, 0, get, 1)           -- expect: timeout	0.0
