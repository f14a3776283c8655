-- flags: --sim --seed 5
-- akt.reentrant holds from the next message on; handlers in progress keep the
-- mode they have begun under. A restart goes back to that of the kind.
local akt = require "akt"
local A = akt.actor "a"
function A:init() self.live = 0 end
function A.on:slow(s)
  self.live = self.live + 1
  local live = self.live
  akt.sleep(s)
  self.live = self.live - 1
  return live
end
function A.on:mode(mode, opts, s)
  akt.reentrant(mode, opts)
  akt.sleep(s or 0)
end
function A.on:crash() error("x", 0) end
local function two(a)
  local f, g = akt.async(a, "slow", 0.005), akt.async(a, "slow", 0.005)
  return math.max(f:wait(), (g:wait()))
end
local a = akt.spawn_opt({ restart = "permanent" }, A)
print(two(a))                                  -- expect: 1
a:send("mode", true)
print(two(a))                                  -- expect: 2
a:send("mode", true, { max = 1 })
print(two(a))                                  -- expect: 1
a:send("mode", { "slow" })
print(two(a))                                  -- expect: 2
a:send("mode", false)
print(two(a))                                  -- expect: 1
-- the handler that switches has begun without: nothing starts beside it
a:send("mode", true, nil, 0.01)
local f = akt.async(a, "slow", 0.02)
akt.sleep(0.005)
print(akt.info(a).in_flight)                   -- expect: 1
f:wait()
-- one that has begun with it goes on beside one that has begun without
f = akt.async(a, "slow", 0.03)
a:send("mode", false)
local g = akt.async(a, "slow", 0.005)
print(g:wait(), f:done())                      -- expect: 2	false
a:send("crash")
akt.sleep(0.01)
print(akt.try(f.wait, f) == nil, two(a))       -- expect: true	1
-- expect-err: crashed in on.crash
