-- flags: --sim --seed 5
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:go() local f = akt.task(akt.sleep, 60) f:wait() end
local a = akt.spawn(A)
local f, g = akt.async(a, "go"), akt.async(a, "go")
repeat akt.sleep(0.001) until akt.info(a).tasks == 2
print(akt.info(a).in_flight, akt.info(a).tasks)       -- expect: 2	2
akt.kill(a)
print(select(2, akt.try(f.wait, f)).code, select(2, akt.try(g.wait, g)).code)
-- expect: crash	crash
print(akt.stats().tasks_dropped)                      -- expect: 2
