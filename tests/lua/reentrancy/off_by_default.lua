-- flags: --sim
-- seeds: 5
-- Without it one message is handled at a time, and asking oneself is a circle.
local akt = require "akt"
local A = akt.actor "a"
function A:init() self.live = 0 end
function A.on:slow()
  self.live = self.live + 1
  local live = self.live
  akt.sleep(0.002)
  self.live = self.live - 1
  return live
end
function A.on:me() return akt.try(akt.ask, akt.self(), "slow") end
local a = akt.spawn(A)
local f, g = akt.async(a, "slow"), akt.async(a, "slow")
print(f:wait(), g:wait())           -- expect: 1	1
local _, err = a:ask("me")
print(err.code)                     -- expect: deadlock
