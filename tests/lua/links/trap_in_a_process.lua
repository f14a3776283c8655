-- seeds: 5
-- A process traps with akt.trap_exit(true), which returns what was before; the
-- news is the message ("exit", pid, reason).
local akt = require "akt"

local main = akt.self()
local p = akt.spawn(function()
  local before = akt.trap_exit(true)
  main:send("ready", before, akt.trap_exit(true))
  for _ = 1, 2 do
    akt.receive { link = function(pid) akt.link(pid) return true end }
    local tag, pid, reason = akt.receive()
    main:send("seen", tag, pid, reason, akt.sender())
  end
end)
print(akt.receive()) -- expect: ready	false	true

local W = akt.actor "w"
for _, reason in ipairs { "normal", "tired" } do
  local w = akt.spawn(W)
  p:ask("link", w)
  w:stop(reason)
  local _, tag, pid, why, sender = akt.receive()
  print(tag, pid == w, why, sender)
end
-- expect: exit	true	normal	nil
-- expect: exit	true	tired	nil
