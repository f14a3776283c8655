-- flags: --sim
-- seeds: 5
-- idle() may wait, for a database for one: messages that come meanwhile stay
-- in the mailbox, and wake the actor as soon as it has left. It does not keep
-- the program alive; the end gives it its time.
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = 1 }
function K:init() self.n = 0 end
function K.on:add() self.n = self.n + 1; return self.n end
function K:idle() print "saving"; akt.sleep(2); print "saved"; return self.n end
function K:wake(n) self.n = n; print "wake" end
local k = akt.spawn(K)
k:ask("add")
akt.sleep(2) -- expect: saving
k:send("add")
print(k:ask("add"))
-- expect: saved
-- expect: wake
-- expect: 3
akt.sleep(1.5) -- expect: saving
-- expect: saved
