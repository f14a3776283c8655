-- seeds: 5
-- Whoever gets the down can use the name at once.
local akt = require "akt"

local W = akt.actor "w"
for _ = 1, 200 do
  local w = akt.spawn_opt({ name = "w" }, W)
  local ref = akt.monitor(w)
  if math.random(2) == 1 then w:stop() else w:kill() end
  akt.receive { down = function(r) assert(r == ref) end }
end
print(akt.whereis("w")) -- expect: nil
