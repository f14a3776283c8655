-- seeds: 5
-- Without `unknown`: a dead letter, and the asker gets the error.
local akt = require "akt"

local W = akt.actor "w"
function W.on:known() return "known" end

local w = akt.spawn(W)
local _, err = akt.try(akt.ask, w, "nonsense", 1)
print(err.code)
-- expect: unknown_message
print(err.message:match("w has no handler for \"nonsense\""))
-- expect: w has no handler for "nonsense"
w:send("more nonsense")
print(w:ask("known")) -- expect: known
print(akt.stats().dead_letters.unknown_message) -- expect: 2
-- a callback is no handler
_, err = akt.try(akt.ask, w, "terminate")
print(err.code) -- expect: unknown_message
