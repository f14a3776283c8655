-- flags: --sim --seed 1
-- A timer that health() has started is the actor's, and keeps the program alive;
-- one that is paused and goes on counts once.
local akt = require "akt"
local A = akt.actor "a"
function A:health()
  if self.t then return end
  self.n, self.t = 0, akt.every(5, "tick")
  self.t:pause()
  self.t:resume()
end
function A.on:tick()
  self.n = self.n + 1
  if self.n < 3 then return end
  print "three"                     -- expect: three
  self.t:cancel()
end
akt.spawn_opt({ health = { every = 10, timeout = 1, fails = 3 } }, A)
akt.sleep(11)
