-- A crash of main ends the program in order, exit 1.
-- exit: 1
local akt = require "akt"
local W = akt.actor "w"
function W:terminate(reason) print("w ends", reason) end
akt.spawn(W)
akt.on_shutdown(function() print "on_shutdown" end)
error("main fails")
-- expect: w ends	shutdown
-- expect: on_shutdown
-- expect-err: error[crash]: <main#1> crashed in main chunk
-- expect-err:   --> tests/lua/program/main_crashes.lua:8: main fails
-- expect-err:       error("main fails")
-- expect-err:   stack    tests/lua/program/main_crashes.lua:8 in main chunk
-- expect-err:   restart  none: the program ends
