-- flags: --sim --seed 1
-- The note gets old from the moment it is let in, like what is behind it.
local akt = require "akt"
local Slow = akt.actor "slow"
Slow.mailbox = { max = 2, ttl = 60 }
function Slow:init() self.got = {}; akt.topic("t"):subscribe() end
function Slow.on:work() akt.sleep(10) end
function Slow.on:x(i) self.got[#self.got + 1] = i end
function Slow.on:lagged(n, topic) self.got[#self.got + 1] = topic .. "-" .. n end
function Slow.on:got() return table.concat(self.got, " ") end
local slow, t = akt.spawn(Slow), akt.topic "t"
akt.sleep(100)
slow:send("work")
akt.sleep(1)
for i = 1, 5 do t:publish("x", i); akt.sleep(0.1) end
akt.sleep(20)
print(slow:ask("got"))             -- expect: 1 2 t-3
