-- seeds: 5
local akt = require "akt"
local Idle = akt.actor "idle"
local p = akt.spawn(Idle)
local _, err = akt.try(akt.ask, p, "what")
print(err.code, err.message:match('has no handler for "what"'))
-- expect: unknown_message	has no handler for "what"
print(akt.alive(p)) -- expect: true
