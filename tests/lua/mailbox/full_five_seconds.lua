-- flags: --sim --seed 7
-- At most 5 s, or until the deadline in force; then `overloaded` and the
-- message does not arrive.
local akt = require "akt"
local Slow = akt.actor "slow"
Slow.mailbox = { max = 1 }
function Slow.on:job(i) akt.sleep(8) print("job", i) end
local s = akt.spawn(Slow)
s:send("job", 1)
akt.sleep(0)
s:send("job", 2)
local start = akt.clock()
local _, err = akt.try(akt.send, s, "job", 3)
print(err.code, math.floor(akt.clock() - start + 0.5))    -- expect: overloaded	5
_, err = akt.try(akt.within, 1, akt.send, s, "job", 4)
print(err.code, math.floor(akt.clock() - start + 0.5))    -- expect: overloaded	6
-- expect: job	1
-- expect: job	2
