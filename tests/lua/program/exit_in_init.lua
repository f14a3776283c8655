-- exit: 9
local akt = require "akt"
local W = akt.actor "w"
function W:init() akt.exit(9) end
akt.spawn(W)
print "not reached"
