-- flags: --sim --seed 7
-- drop_old: the oldest goes; who asked with it gets `overloaded`.
local akt = require "akt"
local K = akt.actor "k"
function K.on:wait() akt.sleep(1) end
function K.on:x(i) print(i) return i end
local k = akt.spawn_opt({ mailbox = { max = 2, full = "drop_old" } }, K)
k:send("wait")
akt.sleep(0.1)
local f = akt.async(k, "x", 1)
for i = 2, 4 do print(k:send("x", i)) end
print(select(2, akt.try(f.wait, f)).code)
-- expect: true
-- expect: true
-- expect: true
-- expect: overloaded
-- expect: 3
-- expect: 4
