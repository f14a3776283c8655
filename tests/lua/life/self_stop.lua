-- seeds: 5
-- akt.stop() ends the caller, after the turn in progress.
local akt = require "akt"

local main = akt.self()

local W = akt.actor "w"
function W.on:quit()
  akt.stop(nil, "bye")
  main:send("still here")
  return "reply"
end
function W:terminate(reason) main:send("terminate", reason) end

local w, ref = akt.spawn_monitor(W)
print(w:ask("quit"))   -- expect: reply
print((akt.receive())) -- expect: still here
print(akt.receive())   -- expect: terminate	bye
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	bye
