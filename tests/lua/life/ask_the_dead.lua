-- seeds: 5
-- send to nobody: nil, reason and a dead letter; ask: noproc at once.
local akt = require "akt"

local W = akt.actor "w"
local w, ref = akt.spawn_monitor(W)
w:stop()
akt.receive()
print(w:send("hello"))              -- expect: nil	noproc
print(akt.send("nobody", "hello"))  -- expect: nil	noproc
local _, err = akt.try(akt.ask, w, "hello")
print(err.code, err.pid == w)       -- expect: noproc	true
_, err = akt.try(akt.ask, "nobody", "hello")
print(err.code)                     -- expect: noproc
print(akt.stats().dead_letters.noproc) -- expect: 4
print(akt.alive(w), akt.info(w))    -- expect: false	nil
