-- flags: --sim
-- seeds: 5
-- Monitors and links stay while it is away; others hear of its end only. News
-- for it wakes it.
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = 1 }
function K.on:watch(pid) self.ref = akt.monitor(pid) end
function K.on:link(pid) akt.link(pid) end
function K:idle() return self.ref end
function K:wake(ref) self.ref = ref end
function K:down(ref) print("down", ref == self.ref) end
local Other = akt.actor "other"

local k = akt.spawn(K)
local o = akt.spawn(Other)
local ref = akt.monitor(k)
k:send("watch", o)
akt.sleep(2)
print(akt.info(k).state) -- expect: passivated
akt.stop(o)
akt.sleep(0.1)
-- expect: down	true
print(akt.info(k).state) -- expect: idle
k:send("link", akt.spawn(function() akt.sleep(10); error "linked" end))
-- expect-err: linked
akt.sleep(2)
print(akt.info(k).state) -- expect: passivated
akt.receive { down = function(r) print(r == ref, akt.alive(k)) end } -- expect: true	false
