-- spawn in a handler gives up with the deadline it inherited.
-- flags: --sim --seed 7
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init() akt.sleep(4) end
local t = akt.clock()
local _, err = akt.try(akt.within, 1, akt.spawn, W)
print(err.code, string.format("%.1f", akt.clock() - t)) -- expect: timeout	1.0
