-- seeds: 5
local akt = require "akt"
local ref = akt.monitor(akt.spawn(akt.actor "idle"))
local _, err = akt.try(akt.send, ref, "x")
print(err.message:match("pid or name expected")) -- expect: pid or name expected
