-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
function W.on:link(pid) akt.link(pid) end

local a, b = akt.spawn(W), akt.spawn(W)
a:ask("link", b)
local ref = akt.monitor(b)
a:kill()
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	killed
