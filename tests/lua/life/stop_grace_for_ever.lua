-- shutdown = math.huge: a stop waits as long as the handler takes.
-- flags: --sim --seed 5
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:slow() akt.sleep(1000) end
function Worker:terminate(reason) print("terminate", reason) end

local w = akt.spawn_opt({ shutdown = math.huge }, Worker)
local ref = akt.monitor(w)
w:send("slow")
akt.sleep(0.1)
local t = akt.clock()
w:stop() -- expect: terminate	normal
local _, r, _, reason = akt.receive()
print(r == ref, reason)                       -- expect: true	normal
print(string.format("%.0f", akt.clock() - t)) -- expect: 1000
