-- flags: --sim --seed 7
-- Each actor has its own random state.
local akt = require "akt"
local K = akt.actor "k"
function K:init(seed) if seed then math.randomseed(seed) end end
function K.on:get() return math.random(1000000) end
local a, b, c = akt.spawn(K, 1), akt.spawn(K, 1), akt.spawn(K)
local x = a:ask("get")
c:ask("get")
print(x == b:ask("get"), x ~= c:ask("get"), a:ask("get") == b:ask("get")) -- expect: true	true	true
local r = math.random()
print(r >= 0 and r < 1, math.random(3) <= 3)                 -- expect: true	true
