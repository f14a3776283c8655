-- exit: 3
local akt = require "akt"
local W = akt.actor "w"
function W.on:go()
  pcall(akt.exit, 3)
  print "not reached"
end
function W:terminate(reason) print("terminate", reason) end
akt.spawn(W):send("go")
akt.receive({})
-- expect: terminate	shutdown
