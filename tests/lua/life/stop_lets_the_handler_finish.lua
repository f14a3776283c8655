-- flags: --sim
-- seeds: 5
-- A stop returns at once; the handler in progress, its waits included, may
-- finish; what is queued behind it is not handled any more.
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:work(to)
  to:send("started")
  akt.sleep(0.05)
  to:send("finished")
end
function Worker.on:late(to) to:send("late") end
function Worker:terminate(reason) self.to:send("terminate", reason) end
function Worker:init(to) self.to = to end

local w, ref = akt.spawn_monitor(Worker, akt.self())
w:send("work", akt.self())
print((akt.receive()))
-- expect: started
w:stop()
w:send("late", akt.self())
print((akt.receive()))  -- expect: finished
print(akt.receive())    -- expect: terminate	normal
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	normal
