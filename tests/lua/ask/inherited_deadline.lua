-- flags: --sim --seed 7
-- The asker's deadline holds in the actors it asks. A handler it ends is
-- expired: counted, no crash, its state kept.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get() akt.sleep(20) return "done" end
local Middle = akt.actor "middle"
function Middle:init(slow) self.slow, self.n = slow, 0 end
function Middle.on:get()
  self.n = self.n + 1
  return self.slow:ask("get")
end
function Middle.on:count() return self.n end
local m = akt.spawn(Middle, akt.spawn(Slow))
local start = akt.clock()
local _, err = akt.try(akt.within, 2, akt.ask, m, "get")
print(err.code, math.floor(akt.clock() - start + 0.5))  -- expect: timeout	2
print(m:ask("count"))                                   -- expect: 1
akt.sleep(1)
local s = akt.stats()
print(s.expired, s.crashes)                             -- expect: 2	0
