-- Two actors that ask each other.
local akt = require "akt"
local Side = akt.actor "side"
function Side.on:meet(other) self.other = other end
function Side.on:balance() return 1 end
function Side.on:total() return 1 + self.other:ask("balance") end

local a, b = akt.spawn(Side), akt.spawn(Side)
a:ask("meet", b)
b:ask("meet", a)
local fa, fb = akt.async(a, "total"), akt.async(b, "total")
assert(fa:wait() + fb:wait() == 4)
