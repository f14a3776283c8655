-- Waiting without a limit does not keep a program alive; terminate and
-- on_shutdown run at its end, the last one registered first; exit 0.
local akt = require "akt"

local W = akt.actor "w"
function W.on:wait() akt.receive({}) end
function W:terminate(reason) print("terminate", reason) end

akt.spawn(W):send("wait")
akt.spawn(function() akt.receive({}) end)
akt.on_shutdown(function() print "first registered" end)
akt.on_shutdown(function() print "last registered" end)
print "main has finished"
-- expect: main has finished
-- expect: terminate	shutdown
-- expect: last registered
-- expect: first registered
