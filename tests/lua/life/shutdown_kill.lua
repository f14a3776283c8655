-- seeds: 5
-- shutdown = "kill": a stop gives no time and terminate does not run.
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:hang(to)
  to:send("hangs")
  akt.receive({})
end
function Worker:terminate() print "terminate" end

local w = akt.spawn_opt({ shutdown = "kill" }, Worker)
local ref = akt.monitor(w)
w:send("hang", akt.self())
akt.receive()
w:stop()
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	killed
