-- Spawned and monitored in one step.
local akt = require "akt"
akt.spawn_monitor(function() end)
akt.receive{ down = function(_, _, reason)
  assert(reason == "normal", "it is said to have failed")
end }
