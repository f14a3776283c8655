-- flags: --sim
-- seeds: 5
-- A subscriber that does not keep up loses events, is told how many, and
-- slows nobody; nothing is lost uncounted.
local akt = require "akt"

local Slow = akt.actor "slow"
function Slow:init() self.got, self.lagged = 0, 0 end
function Slow.on:subscribe(max)
  akt.events.subscribe { types = "dead_letter", max = max }
end
function Slow.on:event(e)
  assert(e.tag == "into_the_void" and #e.args[1] == 100)
  self.got = self.got + 1
end
function Slow.on:lagged(n) self.lagged = self.lagged + n end
function Slow.on:hold() akt.receive { go = function() end } end
function Slow.on:figures() return self.got, self.lagged end

local slow = akt.spawn(Slow)
slow:ask("subscribe", 10)
local gone = akt.spawn(function() end)
while akt.alive(gone) do akt.sleep(0.001) end
slow:send("hold")
while akt.info(slow).state ~= "waiting" do akt.sleep(0.001) end
for _ = 1, 1000 do gone:send("into_the_void", ("x"):rep(100)) end
local stats = akt.events.stats()
local mine = stats.subscribers[1]
assert(mine.pid == slow and mine.delivered + mine.lost == 1000)
assert(mine.lost >= 985 and mine.lost == stats.lost, mine.lost)
slow:send("go")
local got, lagged
repeat
  akt.sleep(0.001)
  got, lagged = slow:ask("figures")
until got + lagged == 1000
assert(lagged == mine.lost, lagged)
