-- seeds: 5
-- Linking a dead actor raises noproc.
local akt = require "akt"

local W = akt.actor "w"
local w, ref = akt.spawn_monitor(W)
w:stop()
akt.receive()
local _, err = akt.try(akt.link, w)
print(err.code) -- expect: noproc
_, err = akt.try(akt.link, "nobody")
print(err.code) -- expect: noproc
