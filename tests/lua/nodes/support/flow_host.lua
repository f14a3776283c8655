-- The other node of flow.lua.
local akt = require "akt"
require "history"
akt.register("main")
print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive { stop = function() end }
akt.exit(0)
