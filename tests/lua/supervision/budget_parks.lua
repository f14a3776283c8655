-- exhausted = "park": the child stays, is alive, takes messages and waits for
-- akt.restart.
-- flags: --sim --seed 1
local akt = require "akt"

local W = akt.actor "w"
function W:init(n) self.n = n end
function W.on:boom() error("bang", 0) end
function W.on:get() return self.n end

akt.supervisor {
  max = 1, exhausted = "park",
  { "a", W, args = { 7 }, restart = "permanent" },
}
local a = akt.whereis("a")
for _ = 1, 2 do a:send("boom") end
print(akt.within(1, akt.try, akt.ask, a, "get")) -- expect: nil	timeout: tests/lua/supervision/budget_parks.lua:17: ask: no answer in time
print(akt.alive(a), akt.whereis("a") == a)       -- expect: true	true
local f = a:async("get")
akt.restart(a)
print(f:wait())                                  -- expect: 7
