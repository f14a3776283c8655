-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
function W:init(t) self.t = t end
function W.on:get() return self.t.x end
local t = { x = 1 }
local w = akt.spawn(W, t)
t.x = 2
print(w:ask("get")) -- expect: 1
