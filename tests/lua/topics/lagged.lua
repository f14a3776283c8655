-- flags: --sim --seed 1
-- A subscriber that is full is passed over, nobody waits for it; when it has
-- room again it is told once how many it has missed, where they are missing.
local akt = require "akt"
local Slow = akt.actor "slow"
Slow.mailbox = { max = 4 }
function Slow:init() self.got = {}; akt.topic("t"):subscribe() end
function Slow.on:work() akt.sleep(10) end
function Slow.on:x(i) self.got[#self.got + 1] = i end
function Slow.on:lagged(n, topic) self.got[#self.got + 1] = topic .. "-" .. n end
function Slow.on:got() return table.concat(self.got, " ") end

local Fast = akt.actor "fast"
function Fast:init() self.n = 0; akt.topic("t"):subscribe() end
function Fast.on:x() self.n = self.n + 1 end
function Fast.on:n() return self.n end

local slow, fast, t = akt.spawn(Slow), akt.spawn(Fast), akt.topic "t"
slow:send("work")
akt.sleep(1)
local sent = 0
for i = 1, 10 do sent = sent + t:publish("x", i); akt.sleep(0.1) end
print(sent, fast:ask("n"))                       -- expect: 14	10
akt.sleep(20)
print(slow:ask("got"))                           -- expect: 1 2 3 4 t-6
slow:send("work")
akt.sleep(1)
for i = 11, 16 do t:publish("x", i); akt.sleep(0.1) end
akt.sleep(20)
t:publish("x", 17)
print(slow:ask("got"))                           -- expect: 1 2 3 4 t-6 11 12 13 14 t-2 17
local s = t:stats()
print(s.delivered, s.lagged)                     -- expect: 26	8

-- without a handler for it the note is no dead letter; drop_old never lags
local Old = akt.actor "old"
Old.mailbox = { max = 2, full = "drop_old" }
function Old:init() self.got = {}; akt.topic("o"):subscribe() end
function Old.on:work() akt.sleep(10) end
function Old.on:x(i) self.got[#self.got + 1] = i end
function Old.on:got() return table.concat(self.got, " ") end
local Deaf = akt.actor "deaf"
Deaf.mailbox = { max = 1 }
function Deaf:init() akt.topic("o"):subscribe() end
function Deaf.on:work() akt.sleep(10) end
function Deaf.on:x() end
local old, deaf = akt.spawn(Old), akt.spawn(Deaf)
old:send("work")
deaf:send("work")
akt.sleep(1)
for i = 1, 5 do akt.topic("o"):publish("x", i) akt.sleep(0.1) end
akt.sleep(20)
print(old:ask("got"))                            -- expect: 4 5
print(akt.stats().dead_letters.unknown_message)  -- expect: nil
