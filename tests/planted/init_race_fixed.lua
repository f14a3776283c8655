-- The name is there before anybody needs it.
local akt = require "akt"
local _, ref = akt.spawn_monitor(function()
  local function helper() akt.whereis("boss"):send("hello") end
  akt.register("boss")
  akt.spawn(helper)
  akt.receive({ hello = function() end }, 1)
end)
akt.receive{ down = function(_, _, reason)
  assert(reason == "normal", "the helper did not find the boss")
end }
