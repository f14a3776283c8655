-- One that is being stopped gets no more messages, so a handler in a receive
-- without a limit is ended at once, and terminate runs.
-- flags: --sim --seed 2
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W.on:wait()
  main:send("waits")
  akt.receive({ go = function() end })
end
function W.on:late()
  main:send("waits")
  akt.sleep(1)
  akt.receive({ go = function() end })
end
function W:terminate(reason) main:send("terminate", reason) end

for _, tag in ipairs { "wait", "late" } do
  local w = akt.spawn(W)
  local f = w:async(tag)
  print((akt.receive()), tag)
  local t = akt.clock()
  w:stop("bye")
  print(akt.receive())
  print(select(2, akt.try(f.wait, f)).code, string.format("%.1f", akt.clock() - t))
end
-- expect: waits	wait
-- expect: terminate	bye
-- expect: noproc	0.0
-- expect: waits	late
-- expect: terminate	bye
-- expect: noproc	1.0
