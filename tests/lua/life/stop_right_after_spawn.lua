-- seeds: 5
-- To its spawner an actor without init has started: a stop that comes before
-- its first turn is followed by its terminate, in every schedule.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:terminate(reason) main:send("terminate", reason, self.x) end
W.x = 1

for _ = 1, 20 do
  local w, ref = akt.spawn_monitor(W)
  w:stop("bye")
  local tag, reason, x = akt.receive()
  assert(tag == "terminate" and reason == "bye" and x == 1)
  local _, r = akt.receive()
  assert(r == ref)
end
print "ok" -- expect: ok
