-- seeds: 5
-- Kind:exit traps: it gets every reason, normal too, and the actor lives on.
local akt = require "akt"

local main = akt.self()
local Trap = akt.actor "trap"
function Trap.on:link(pid) akt.link(pid) end
function Trap.on:ping() return "pong" end
function Trap:exit(pid, reason) main:send("exit", pid, reason) end

local W = akt.actor "w"
local t = akt.spawn(Trap)
for _, reason in ipairs { "normal", "tired" } do
  local w = akt.spawn(W)
  t:ask("link", w)
  w:stop(reason)
  local tag, pid, why = akt.receive()
  print(tag, pid == w, why)
end
-- expect: exit	true	normal
-- expect: exit	true	tired
print(t:ask("ping")) -- expect: pong
