-- flags: --sim --seed 5
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:hang() akt.sleep(100) end

local w, ref = akt.spawn_monitor(Worker)
w:send("hang")
akt.sleep(0.1)
local t = akt.clock()
w:stop()
local _, r, _, reason = akt.receive()
print(r == ref, reason)                       -- expect: true	killed
print(string.format("%.1f", akt.clock() - t)) -- expect: 5.0
