-- seeds: 5
-- Kind:restarted gets what Kind:down gets, and the monitor goes on.
local akt = require "akt"

local main = akt.self()
local Watcher = akt.actor "watcher"
function Watcher.on:watch(pid) self.ref = akt.monitor(pid, { restarts = true }) end
function Watcher:restarted(ref, pid, reason)
  main:send("restarted", ref == self.ref, pid, reason)
end
function Watcher:down(ref, pid, reason)
  main:send("down", ref == self.ref, pid, reason)
end

local W = akt.actor "w"
local w = akt.spawn_opt({ restart = "permanent" }, W)
local watcher = akt.spawn(Watcher)
watcher:ask("watch", w)
w:kill()
local tag, same, pid, reason = akt.receive()
print(tag, same, pid == w, reason) -- expect: restarted	true	true	killed
w:stop()
tag, same, pid, reason = akt.receive()
print(tag, same, pid == w, reason) -- expect: down	true	true	normal
