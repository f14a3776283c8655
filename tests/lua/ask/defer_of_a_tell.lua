-- seeds: 5
-- A deferred reply to a send goes nowhere.
local akt = require "akt"
local D = akt.actor "d"
function D.on:get() print(akt.defer():reply(1)) end
akt.spawn(D):send("get")   -- expect: true
