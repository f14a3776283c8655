-- flags: --sim --seed 7
-- An ask waits 5 s; the handler it waited for is ended by that deadline.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get() akt.sleep(7) return "late" end
local s = akt.spawn(Slow)
local start = akt.clock()
local _, err = akt.try(akt.ask, s, "get")
print(err.code, err.pid == s, math.floor(akt.clock() - start + 0.5))
-- expect: timeout	true	5
akt.sleep(5)
print(akt.stats().dead_letters.late_reply, akt.stats().expired, akt.alive(s))
-- expect: nil	1	true
