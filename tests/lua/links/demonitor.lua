-- seeds: 5
-- demonitor also removes a down that is in the mailbox already.
local akt = require "akt"

local W = akt.actor "w"
local w = akt.spawn(W)
local a, b = akt.monitor(w), akt.monitor(w)
w:stop()
-- both are queued, or on their way, once this one has come
akt.receive { down = function(r) print(r == a or r == b) end } -- expect: true
local gone = { akt.demonitor(a), akt.demonitor(b) }
table.sort(gone, function(x, y) return x and not y end)
print(gone[1], gone[2], akt.demonitor(a)) -- expect: true	false	false
print(akt.try(akt.receive, 0.01) == nil)  -- expect: true
