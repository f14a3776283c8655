-- seeds: 5
-- A health check in an endless loop is cut off as well.
-- expect-err: error[unhealthy]
local akt = require "akt"
local W = akt.actor "w"
function W:health() while true do end end
local w, ref = akt.spawn_opt({ monitor = true, health = { every = 0.01, timeout = 0.05, fails = 2 } }, W)
akt.within(20, function()
  akt.receive { down = function(r, _, why) print(r == ref, why) end } -- expect: true	unhealthy
end)
