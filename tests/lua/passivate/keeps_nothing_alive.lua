-- seeds: 5
-- A program in which only the clocks of passivation run ends, at once.
-- timeout: 10
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = "1h" }
function K:terminate() print "ended" end
akt.spawn(K)
-- expect: ended
