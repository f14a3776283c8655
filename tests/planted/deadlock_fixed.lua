-- The one who wants the total asks both.
local akt = require "akt"
local Side = akt.actor "side"
function Side.on:balance() return 1 end

local a, b = akt.spawn(Side), akt.spawn(Side)
local function total(x, y)
  local fx, fy = akt.async(x, "balance"), akt.async(y, "balance")
  return fx:wait() + fy:wait()
end
assert(total(a, b) + total(b, a) == 4)
