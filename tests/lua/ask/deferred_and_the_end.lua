-- seeds: 5
-- Who ends owing a reply: its asker gets noproc; at a crash, crash.
local akt = require "akt"
local D = akt.actor "d"
function D.on:get() self.token = akt.defer() end
function D.on:crash() error("no") end
local d = akt.spawn(D)
local f = akt.async(d, "get")
akt.stop(d)
print(select(2, akt.try(f.wait, f)).code)   -- expect: noproc
d = akt.spawn_opt({ restart = "permanent" }, D)
f = akt.async(d, "get")
d:send("crash")
print(select(2, akt.try(f.wait, f)).code)   -- expect: crash
-- expect-err: crashed in on.crash
