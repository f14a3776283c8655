-- flags: --sim
-- seeds: 5
-- A check that does not end, one that loops, and an actor that never gets to
-- it: cut off by the timeout, which counts as a failure.
local akt = require "akt"
-- expect-err: error[unhealthy]
local W = akt.actor "w"
function W:init(way) self.way = way end
function W.on:work(n) akt.sleep(n); return "worked" end
function W.on:ping() return "pong" end
function W:health() if self.way == "sleep" then akt.sleep(1e6) end end
local opts = { restart = "permanent", health = { every = 10, timeout = 2, fails = 2 } }

local a = akt.spawn_opt(opts, W, "sleep")
akt.sleep(11)
local f = akt.async(a, "ping") -- waits behind the check, for its rest of time
print(f:wait(), akt.info(a).health) -- expect: pong	failed
akt.sleep(13)
print(akt.info(a).restarts) -- expect: 1
akt.stop(a)

local b = akt.spawn_opt(opts, W, "well")
akt.sleep(9)
akt.within(100, function() f = akt.async(b, "work", 90) end)
akt.sleep(4)
print(akt.info(b).health, akt.info(b).health_reason) -- expect: failed	timeout
akt.sleep(12)
print(select(2, akt.try(function() return f:wait() end)).code) -- expect: crash
print(akt.info(b).restarts, b:ask "ping") -- expect: 1	pong

-- without health() the check is whether it gets to its turns
local N = akt.actor "n"
local n = akt.spawn_opt({ health = { every = 1 } }, N)
akt.sleep(2)
print(akt.info(n).health) -- expect: ok
