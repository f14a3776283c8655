-- seeds: 5
-- A future belongs to the actor that asked.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(...) return ... end
local e = akt.spawn(Echo)
local _, err = akt.try(akt.send, e, "x", akt.async(e, "same"))
print(err.code) -- expect: bad_message
