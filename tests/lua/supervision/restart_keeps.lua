-- flags: --sim
-- seeds: 5
-- A restart keeps the pid, the name, the mailbox and the monitors of others;
-- the stash goes back to the front. The crashing message is dropped.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init() self.first = true end
function W.on:stash(x)
  if not akt.whereis("open") then return akt.stash() end
  main:send("seen", x)
end
function W.on:boom()
  akt.sleep(0.01)
  akt.spawn_opt({ name = "open", detached = true }, function() akt.sleep(1000) end)
  error("bang", 0)
end
function W.on:put(x) main:send("seen", x) end

local w = akt.spawn_opt({ name = "worker", restart = "permanent" }, W)
local ref = akt.monitor(w)
w:send("stash", 1)
w:send("stash", 2)
w:send("boom")
w:send("put", 3)
for _ = 1, 3 do print(akt.receive()) end
-- expect: seen	1
-- expect: seen	2
-- expect: seen	3
print(akt.whereis("worker") == w, akt.alive(w)) -- expect: true	true
w:stop()
akt.receive { down = function(r, _, reason) print(r == ref, reason) end }
-- expect: true	normal
akt.stop("open")
