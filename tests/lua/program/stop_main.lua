-- Somebody stops main: that is the end of the program, in order.
local akt = require "akt"
local main = akt.self()
local W = akt.actor "w"
function W.on:go() main:stop() end
function W:terminate(reason) print("w ends", reason) end
akt.spawn(W):send("go")
local guard <close> = setmetatable({}, { __close = function() print "closed" end })
akt.receive({})
-- expect: closed
-- expect: w ends	shutdown
