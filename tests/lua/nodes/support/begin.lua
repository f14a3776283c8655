-- Is sent something before it has its name.
local akt = require "akt"

local send = ("%s send late@%s hello"):format(os.getenv "AKTVM", akt.node().address)
assert(os.execute(send)) -- it has arrived
akt.register("late")
akt.receive { hello = function() end }
akt.exit(0)
