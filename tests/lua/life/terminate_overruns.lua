-- A terminate that takes longer than 5 s is cut off and reported; the reason
-- stays.
-- flags: --sim --seed 2
local akt = require "akt"

local W = akt.actor "w"
function W:terminate() akt.sleep(100) end

local w, ref = akt.spawn_monitor(W)
local t = akt.clock()
w:stop("tired")
local _, r, _, reason = akt.receive()
print(r == ref, reason)                       -- expect: true	tired
print(string.format("%.1f", akt.clock() - t)) -- expect: 5.0
-- expect-err: error[timeout]: <w#5> needs more than 5 s for its terminate
