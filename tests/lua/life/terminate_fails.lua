-- seeds: 5
-- A terminate that fails is reported once; the reason stays, the end goes on.
local akt = require "akt"

local W = akt.actor "w"
function W:terminate() error("cannot say goodbye") end

local w, ref = akt.spawn_monitor(W)
w:stop("tired")
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	tired
-- expect-err: error[crash]: <w#5> crashed in terminate
-- expect-err: cannot say goodbye
-- expect-err: restart  none: it was ending
