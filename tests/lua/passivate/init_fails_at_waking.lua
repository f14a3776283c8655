-- flags: --sim
-- seeds: 5
-- Also when init raises or does not end at a waking.
local akt = require "akt"
-- expect-err: no database
local K = akt.actor "k"
K.passivate = { after = 10 }
function K:init(gate, way)
  self.gate = gate
  if gate:ask("count") == 2 then
    if way == "raise" then error "no database" end
    akt.sleep(100)
  end
end
function K.on:get() return "well" end
local function gate()
  return akt.spawn(function()
    local n = 0
    while true do akt.receive { count = function() n = n + 1; return n end } end
  end)
end
for _, way in ipairs { "raise", "sleep" } do
  local k = akt.spawn_opt({ restart = "transient" }, K, gate(), way)
  akt.sleep(11)
  akt.within(20, function()
    local code = select(2, akt.try(akt.ask, k, "get")).code
    print(way, code, k:ask("get"), akt.info(k).restarts)
  end)
end
-- expect: raise	crash	well	1
-- expect: sleep	crash	well	1
