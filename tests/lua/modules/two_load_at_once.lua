-- seeds: 20
-- Actors of an isolate that require a module at the same time wait for the one
-- that loads it: each isolate has it once.
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return tostring(require "support.slow") end
local ks, fs = {}, {}
for i = 1, 300 do ks[i] = akt.spawn(K) end
for i = 1, 300 do fs[i] = akt.within(600, akt.async, ks[i], "get") end
local seen, n = {}, 0
for i = 1, 300 do seen[fs[i]:wait()] = true end
for _ in pairs(seen) do n = n + 1 end
print(n <= akt.stats().isolates)  -- expect: true
