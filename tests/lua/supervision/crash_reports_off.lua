-- flags: --crash-reports off
-- seeds: 5
local akt = require "akt"
local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
local w = akt.spawn_opt({ on_error = { error = "resume" } }, W)
local _, err = akt.try(akt.ask, w, "boom")
print(err.code)       -- expect: crash
print(akt.alive(w))   -- expect: true
