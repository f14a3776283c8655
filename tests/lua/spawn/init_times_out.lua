-- init has 5 s.
-- flags: --sim --seed 7
local akt = require "akt"

local W = akt.actor "w"
function W:init(s) akt.sleep(s) end
function W.on:ping() return "pong" end

local t = akt.clock()
local _, err = akt.try(akt.spawn, W, 100)
print(err.code, err.reason)                   -- expect: init_failed	timeout
print(string.format("%.1f", akt.clock() - t)) -- expect: 5.0
local w = akt.spawn(W, 4.9)
print(w:ask("ping"))                          -- expect: pong
akt.sleep(10)
print(w:ask("ping"))                          -- expect: pong
