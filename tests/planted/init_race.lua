-- A helper is started before the name that it uses is registered.
local akt = require "akt"
local _, ref = akt.spawn_monitor(function()
  local function helper() akt.whereis("boss"):send("hello") end
  akt.spawn(helper)
  akt.register("boss")
  akt.receive({ hello = function() end }, 1)
end)
akt.receive{ down = function(_, _, reason)
  assert(reason == "normal", "the helper did not find the boss")
end }
