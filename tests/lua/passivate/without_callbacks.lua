-- flags: --sim
-- seeds: 5
-- idle and wake are both optional.
local akt = require "akt"
local Plain = akt.actor "plain"
Plain.passivate = { after = 1 }
function Plain:init(a) self.a = a end
function Plain.on:put(v) self.v = v end
function Plain.on:get() return self.a, self.v end
local p = akt.spawn(Plain, 7)
p:send("put", 1)
akt.sleep(2)
print(akt.info(p).state, akt.info(p).kept) -- expect: passivated	nil
print(p:ask("get")) -- expect: 7	nil

local Wakes = akt.actor "wakes"
Wakes.passivate = { after = 1 }
function Wakes:wake(...) self.woken = select("#", ...) end
function Wakes.on:get() return self.woken end
local w = akt.spawn(Wakes)
print(w:ask("get")) -- expect: nil
akt.sleep(2)
print(w:ask("get")) -- expect: 0
