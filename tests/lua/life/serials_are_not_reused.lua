-- seeds: 5
-- skip-tsan: of one thread, and long
-- The printed number of an actor is a serial, never used again.
local akt = require "akt"

local W = akt.actor "w"
local seen = {}
for _ = 1, 3000 do
  local w, ref = akt.spawn_monitor(W)
  local n = tonumber(tostring(w):match("^<w#(%d+)>$"))
  assert(not seen[n])
  seen[n] = true
  w:stop()
  akt.receive { down = function(r) assert(r == ref) end }
end
print "ok" -- expect: ok
