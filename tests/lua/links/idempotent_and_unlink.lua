-- seeds: 5
-- Linking twice is one link; after unlink no exit comes.
local akt = require "akt"

local main = akt.self()
local Trap = akt.actor "trap"
function Trap.on:link(pid) return akt.link(pid), akt.link(pid) end
function Trap.on:unlink(pid) akt.unlink(pid) akt.unlink(pid) end
function Trap.on:ping() return "pong" end
function Trap:exit(_, reason) main:send("exit", reason) end

local W = akt.actor "w"
local t = akt.spawn(Trap)
local a, b = akt.spawn(W), akt.spawn(W)
print(t:ask("link", a)) -- expect: true	true
t:ask("link", b)
t:ask("unlink", b)
local ra, rb = akt.monitor(a), akt.monitor(b)
b:stop("b")
akt.receive { down = function(r) assert(r == rb) end }
a:stop("a")
akt.receive { down = function(r) assert(r == ra) end }
print(t:ask("ping"))    -- expect: pong
print(akt.receive())    -- expect: exit	a
print(akt.try(akt.receive, 0) == nil) -- expect: true
