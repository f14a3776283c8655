-- akt.exit never returns; the program ends in order with that code.
-- exit: 7
local akt = require "akt"
local W = akt.actor "w"
function W:terminate(reason) print("w ends", reason) end
akt.spawn(W)
akt.on_shutdown(function() print "on_shutdown" end)
akt.exit(7)
print "not reached"
-- expect: w ends	shutdown
-- expect: on_shutdown
