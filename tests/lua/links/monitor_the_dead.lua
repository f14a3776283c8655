-- seeds: 5
-- Monitoring a dead actor, or a name nobody has: down(noproc) at once.
local akt = require "akt"

local W = akt.actor "w"
local w, ref = akt.spawn_monitor(W)
w:stop()
akt.receive()
ref = akt.monitor(w)
local tag, r, who, reason = akt.receive()
print(tag, r == ref, who == w, reason) -- expect: down	true	true	noproc
ref = akt.monitor("nobody")
tag, r, who, reason = akt.receive()
print(tag, r == ref, who, reason)      -- expect: down	true	nil	noproc
