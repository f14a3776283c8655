-- seeds: 5
-- A kill takes effect at the next safe point: no terminate, no __close.
local akt = require "akt"

local main = akt.self()

local Worker = akt.actor "worker"
function Worker.on:wait()
  local guard <close> = setmetatable({}, {
    __close = function() main:send("closed") end,
  })
  main:send("waits")
  akt.receive({})
end
function Worker:terminate() main:send("terminate") end

local w, ref = akt.spawn_monitor(Worker)
w:send("wait")
print((akt.receive())) -- expect: waits
akt.kill(w)
local tag, r, _, reason = akt.receive()
print(tag, r == ref, reason) -- expect: down	true	killed
print(akt.alive(w))          -- expect: false
