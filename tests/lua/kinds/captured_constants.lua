-- A kind captures constants, functions and tables; each isolate has a copy of
-- them, made when the kind is first spawned.
local akt = require "akt"
local factor, names = 3, { "a", "b", deep = { x = 1 } }
local function helper(n) return n * factor end
local function fact(n) return n < 2 and 1 or n * fact(n - 1) end
local K = akt.actor "k"
function K.on:get(n) return helper(n), fact(5), names[2], names.deep.x end
function K:method(n) return n + factor end
function K.on:method(n) return self:method(n) end
local here = akt.spawn(K)
local there = akt.spawn_opt({ isolate = true }, K)
print(here:ask("get", 2))    -- expect: 6	120	b	1
print(there:ask("get", 2))   -- expect: 6	120	b	1
print(there:ask("method", 1)) -- expect: 4
names[2] = "changed"
print(akt.spawn_opt({ isolate = true }, K):ask("get", 1)) -- expect: 3	120	b	1
