-- A timer, a sleep and a receive with a limit keep the program alive.
-- flags: --sim --seed 1
local akt = require "akt"

local W = akt.actor "w"
function W:init() akt.after(100, "tick") end
function W.on:tick() print "tick" end
akt.spawn(W)
akt.spawn(function() akt.sleep(200) print "slept" end)
akt.spawn(function() akt.try(akt.receive, {}, 300) print "gave up" end)
-- expect: tick
-- expect: slept
-- expect: gave up
