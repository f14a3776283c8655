-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
local w, ref = akt.spawn_monitor(W)
w:send("boom")
local _, r, _, reason = akt.receive()
print(r == ref, reason.code, reason.message) -- expect: true	crash	bang
