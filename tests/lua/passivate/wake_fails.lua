-- flags: --sim
-- seeds: 5
-- A failure in init or wake when an actor is woken is a crash under its
-- supervision; the message that woke it is lost like one that crashes, the
-- rest of the mailbox stays.
local akt = require "akt"
-- expect-err: crashed in init or wake
-- expect-err: wake is broken
local function kind(name)
  local K = akt.actor(name)
  K.passivate = { after = 10 }
  function K:init(x) self.x = x end
  function K.on:get(...) return self.x, ... end
  function K:idle() return "data" end
  function K:wake() error "wake is broken" end
  return K
end
local Once = kind "once"

-- temporary: it ends
local a, ref = akt.spawn_monitor(Once, 1)
akt.sleep(11)
local _, err = akt.try(akt.ask, a, "get")
print(err.code) -- expect: crash
akt.receive { down = function(r, _, reason) print(r == ref, reason.code) end } -- expect: true	crash
print(akt.alive(a)) -- expect: false

-- permanent: it starts anew, without wake, and goes on with its mailbox
a = akt.spawn_opt({ restart = "permanent" }, Once, 2)
akt.sleep(11)
local first = akt.async(a, "get", "first")
local second = akt.async(a, "get", "second")
print(select(2, akt.try(function() return first:wait() end)).code) -- expect: crash
print(second:wait()) -- expect: 2	second
assert(akt.info(a).restarts == 1 and akt.info(a).state == "idle")
assert(akt.stats().dead_letters.crashed == 2)
