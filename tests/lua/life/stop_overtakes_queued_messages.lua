-- A stop overtakes what is in the mailbox; queued asks fail with noproc.
-- flags: --sim --seed 3
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker:init(to) self.to = to end
function Worker.on:block(s) akt.sleep(s) end
function Worker.on:job() self.to:send("job") end

local w, ref = akt.spawn_monitor(Worker, akt.self())
w:send("block", 1)
w:send("job")
local f = w:async("job")
akt.sleep(0.1)
akt.stop(w, "enough")
local _, err = akt.try(f.wait, f)
print(err.code)         -- expect: noproc
local tag, r, _, reason = akt.receive()
print(tag, r == ref, reason) -- expect: down	true	enough
print(akt.try(akt.receive, 0.1)) -- expect: nil	timeout: tests/lua/life/stop_overtakes_queued_messages.lua:20: receive: no answer in time
print(akt.stats().dead_letters.stopped) -- expect: 2
