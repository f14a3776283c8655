-- seeds: 5
-- Groups: named lists of actors; like topics, but their members can be listed,
-- and a group and a topic of one name have nothing to do with each other.
local akt = require "akt"
local W = akt.actor "worker"
function W:init() self.n = 0; akt.group.join("workers") end
function W.on:work() self.n = self.n + 1 end
function W.on:n() return self.n end
print(#akt.group.members("workers"))             -- expect: 0
local a, b = akt.spawn(W), akt.spawn(W)
print(akt.group.join("workers", a))              -- expect: false
local list = akt.group.members("workers")
print(#list, list[1] == a, list[2] == b)         -- expect: 2	true	true
print(akt.group.publish("workers", "work"))      -- expect: 2
print(akt.topic("workers"):publish("work"))      -- expect: 0
print(a:ask("n"), b:ask("n"))                    -- expect: 1	1
print(akt.group.leave("workers", a), akt.group.leave("workers", a)) -- expect: true	false
akt.monitor(b)
akt.kill(b)
akt.receive { down = function() end }
print(#akt.group.members("workers"))             -- expect: 0
for i = 1, 1000 do akt.group.join("many", akt.spawn(W)) end
print(#akt.group.members("many"), akt.group.publish("many", "work")) -- expect: 1000	1000
