-- flags: --sim --seed 5
-- Those that take longer than `shutdown` are dropped, and the askers are told.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:go(s) akt.sleep(s) return "done" end
local a = akt.spawn_opt({ shutdown = 0.02 }, A)
local f, g = akt.async(a, "go", 0.005), akt.async(a, "go", 60)
local ref = akt.monitor(a)
repeat akt.sleep(0.001) until akt.info(a).in_flight == 2
akt.stop(a)
print(f:wait(), select(2, akt.try(g.wait, g)).code)       -- expect: done	noproc
print(akt.receive { down = function(_, _, r) return r end })  -- expect: killed
