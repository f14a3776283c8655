-- seeds: 5
-- A crash restarts permanent and transient actors, not temporary ones.
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error({ code = "bang" }) end
function W.on:restarts() return akt.info().restarts end

for _, restart in ipairs { "permanent", "transient", "temporary" } do
  local w = akt.spawn_opt({ restart = restart }, W)
  w:send("boom")
  local n, err = akt.try(akt.ask, w, "restarts")
  print(restart, n or err.code)
end
-- expect: permanent	1
-- expect: transient	1
-- expect: temporary	noproc
