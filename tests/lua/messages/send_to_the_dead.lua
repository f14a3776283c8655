-- seeds: 5
-- A send to a dead pid is a dead letter: nil, reason. The pid stays dead.
local akt = require "akt"
local Idle = akt.actor "idle"
local pid, ref = akt.spawn_monitor(Idle)
akt.stop(pid)
akt.receive{ down = function(r) print(r == ref) end } -- expect: true
print(pid:send("x"))                      -- expect: nil	noproc
print(akt.send(pid, "x", 1))              -- expect: nil	noproc
print(akt.stats().dead_letters.noproc)    -- expect: 2
print(akt.alive(pid))                     -- expect: false
