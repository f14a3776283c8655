-- seeds: 5
-- Kind:down gets ref, pid and reason; without it the news is ignored.
local akt = require "akt"

local main = akt.self()
local Watcher = akt.actor "watcher"
function Watcher.on:watch(pid) self.ref = akt.monitor(pid) end
function Watcher:down(ref, pid, reason)
  main:send("down", ref == self.ref, pid, reason, akt.sender())
end
local Plain = akt.actor "plain"
function Plain.on:watch(pid) akt.monitor(pid) end
function Plain.on:ping() return "pong" end

local W = akt.actor "w"
local w, watcher, plain = akt.spawn(W), akt.spawn(Watcher), akt.spawn(Plain)
watcher:ask("watch", w)
plain:ask("watch", w)
w:stop("done")
local _, same, who, reason, sender = akt.receive()
print(same, who == w, reason, sender) -- expect: true	true	done	nil
print(plain:ask("ping"))              -- expect: pong
