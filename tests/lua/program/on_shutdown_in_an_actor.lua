-- akt.on_shutdown of an actor runs when the program ends, not when the actor
-- is stopped before.
local akt = require "akt"
local W = akt.actor "w"
function W:init(name) akt.on_shutdown(function() print("shutdown of " .. name) end) end
local a, b = akt.spawn(W, "a"), akt.spawn(W, "b")
local ref = akt.monitor(a)
a:stop()
akt.receive { down = function(r) assert(r == ref) end }
print "end of main"
-- expect: end of main
-- expect: shutdown of b
