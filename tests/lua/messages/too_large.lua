-- seeds: 5
-- Over 64 MiB a message is refused at the send line; nothing is sent.
local akt = require "akt"
local Idle = akt.actor "idle"
local p = akt.spawn(Idle)
local _, err = akt.try(akt.send, p, "x", ("x"):rep(65 * 1024 * 1024))
print(err.code) -- expect: too_large
print(p:send("x", ("x"):rep(1024 * 1024)), akt.stats().sent) -- expect: true	1
