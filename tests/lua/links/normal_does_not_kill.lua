-- seeds: 5
-- A normal end never ends the peer; it ends the link.
local akt = require "akt"

local W = akt.actor "w"
function W.on:link(pid) akt.link(pid) end
function W.on:ping() return "pong" end

local a, b = akt.spawn(W), akt.spawn(W)
a:ask("link", b)
local ref = akt.monitor(b)
b:stop()
akt.receive { down = function(r, _, reason) print(r == ref, reason) end }
-- expect: true	normal
print(a:ask("ping")) -- expect: pong
