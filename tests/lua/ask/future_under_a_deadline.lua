-- flags: --sim --seed 7
-- Waiting for a future inherits the deadline that is in force where one
-- waits; the future itself goes on.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get(s) akt.sleep(s) return "done" end
local f = akt.async(akt.spawn(Slow), "get", 3)
local start = akt.clock()
local _, err = akt.try(akt.within, 1, f.wait, f)
print(err.code, math.floor(akt.clock() - start + 0.5))  -- expect: timeout	1
_, err = akt.try(akt.within, 1, akt.first, f)
print(err.code, math.floor(akt.clock() - start + 0.5))  -- expect: timeout	2
print(f:wait())                                         -- expect: done
