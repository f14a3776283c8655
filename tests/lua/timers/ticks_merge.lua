-- flags: --sim --seed 7
-- Ticks that were missed merge: a timer has one undelivered tick at most.
local akt = require "akt"
local A = akt.actor "a"
function A.on:start() self.at = akt.clock(); self.timer = akt.every(1, "tick"); akt.sleep(5.5) end
function A.on:tick()
  self.n = (self.n or 0) + 1
  print(string.format("%.1f", akt.clock() - self.at))
  if self.n == 3 then self.timer:cancel() end
end
akt.spawn(A):send("start")
-- expect: 5.5
-- expect: 6.0
-- expect: 7.0
