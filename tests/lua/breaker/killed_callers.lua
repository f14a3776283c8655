-- flags: --sim --seed 1 --crash-reports off
-- A crash in a call counts; an actor that is killed in a trial does not keep
-- its place for ever.
local akt = require "akt"

local b = akt.breaker { calls = 2, open = 5 }
for _ = 1, 2 do
  local pid, ref = akt.spawn_monitor(function() b:call(error, "crash") end)
  akt.receive { down = function() end }
end
print(b:state(), b:metrics().failed)       -- expect: open	2

akt.sleep(5)
local hung = akt.spawn(function() b:call(akt.sleep, 1000) end)
akt.sleep(0.1)
local _, err = akt.try(b.call, b, akt.self)
print(err.code)                            -- expect: breaker_open
akt.kill(hung)
akt.sleep(4)
print(select(2, akt.try(b.call, b, akt.self)).code) -- expect: breaker_open
akt.sleep(1)
print(b:call(function() return "again" end), b:state()) -- expect: again	closed

-- one that is stopped says nothing either
local p = akt.spawn(function() b:call(akt.sleep, 1000) end)
akt.sleep(0.1)
akt.stop(p)
akt.sleep(10)
print(b:metrics().ignored, b:state())      -- expect: 1	closed
