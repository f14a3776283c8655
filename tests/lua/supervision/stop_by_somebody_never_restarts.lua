-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
for _, restart in ipairs { "permanent", "transient", "temporary" } do
  local w = akt.spawn_opt({ restart = restart }, W)
  local ref = akt.monitor(w)
  akt.stop(w, "any reason")
  akt.receive { down = function(r, _, reason) print(r == ref, reason) end }
end
-- expect: true	any reason
-- expect: true	any reason
-- expect: true	any reason
