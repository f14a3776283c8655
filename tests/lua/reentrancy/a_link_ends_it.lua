-- flags: --sim
-- seeds: 5
-- The end of a linked actor is taken between messages: those in flight go.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:go(peer) akt.link(peer) akt.sleep(60) end
local peer = akt.spawn(function() akt.receive { die = function() error("x", 0) end } end)
local a = akt.spawn(A)
akt.monitor(a)
local f = akt.async(a, "go", peer)
repeat akt.sleep(0.001) until akt.info(a).in_flight == 1
peer:send("die")
print(select(2, akt.try(f.wait, f)).code) -- expect: crash
akt.receive { down = function() print(akt.alive(a)) end } -- expect: false
-- expect-err: crashed in its function
