-- seeds: 5
-- main is a process: a link ends it, and with it the program, exit 1.
-- exit: 1
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W:terminate() print "w ends" end

local w = akt.spawn_link(W)
w:send("boom") -- expect: w ends
akt.receive()
print "not reached"
-- expect-err: error[crash]: <w#5> crashed in on.boom
-- expect-err: error[crash]: <main#1> ended with an actor it is linked to
