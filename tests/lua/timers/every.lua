-- flags: --sim --seed 7
-- A fixed rate: the time a handler takes does not shift the ticks.
local akt = require "akt"
local A = akt.actor "a"
function A.on:start() self.at = akt.clock(); self.n = 0; self.timer = akt.every(1, "tick") end
function A.on:tick()
  self.n = self.n + 1
  print(string.format("%.1f", akt.clock() - self.at))
  akt.sleep(0.3)
  if self.n == 3 then print(self.timer:cancel(), self.timer:cancel()) end
end
akt.spawn(A):send("start")
-- expect: 1.0
-- expect: 2.0
-- expect: 3.0
-- expect: true	false
