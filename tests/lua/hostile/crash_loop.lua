-- A permanent child whose init crashes at every restart is given up, and its
-- supervisor with it.
-- exit: 1
-- expect-err: restart  5 of 5
local akt = require "akt"
local Bad = akt.actor "bad"
function Bad:init(first)
  if not package.loaded.started then package.loaded.started = true return end
  error("again")
end
function Bad.on:die() error("first") end
local sup = akt.supervisor { within = 10, max = 5, backoff = { 0, 0.01 },
  { "bad", Bad, restart = "permanent" } }
akt.monitor(sup)
akt.send("bad", "die")
print(akt.receive({ down = function(_, _, r) return (r.code or r) end }, 20))
