-- /user is the program: to kill it is an orderly end, exit 1.
-- exit: 1
local akt = require "akt"
local W = akt.actor "w"
function W:terminate(reason) print("w ends", reason) end
akt.spawn(W)
akt.kill(akt.parent())
akt.receive({})
-- expect: w ends	shutdown
