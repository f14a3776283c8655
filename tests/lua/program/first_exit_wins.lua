-- exit: 5
local akt = require "akt"
local W = akt.actor "w"
function W:terminate() akt.exit(6) end
akt.spawn(W)
akt.exit(5)
