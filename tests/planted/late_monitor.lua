-- Who has ended before it is monitored is said to be gone.
local akt = require "akt"
local pid = akt.spawn(function() end)
akt.monitor(pid)
akt.receive{ down = function(_, _, reason)
  assert(reason == "normal", "it is said to have failed")
end }
