-- seeds: 5
-- A child whose restarts are spent is parked, and reinstated by hand.
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:die() error("dies") end

local Boss = akt.actor "boss"
Boss.supervise = { max = 1, within = 60, exhausted = "park" }
function Boss:init()
  self.child = akt.spawn_opt({ restart = "permanent" }, Worker)
end
function Boss.on:child() return self.child end

akt.events.subscribe { types = { "park", "reinstate", "restart" } }
local child = akt.spawn(Boss):ask("child")
for _ = 1, 2 do akt.try(akt.ask, child, "die") end
local function next_event()
  return akt.receive({ event = function(e)
    assert(e.pid == child)
    return e.type, e.severity, e.code
  end }, 10)
end
print(next_event()) -- expect: restart	warning	nil
print(next_event()) -- expect: park	error	crash
akt.restart(child)
print(next_event()) -- expect: reinstate	info	nil
print(next_event()) -- expect: restart	warning	nil
