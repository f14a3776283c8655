-- seeds: 5
-- The normal end of a process restarts a permanent one only.
local akt = require "akt"

local main = akt.self()

for _, restart in ipairs { "permanent", "transient", "temporary" } do
  local p = akt.spawn_opt({ restart = restart }, function(name)
    main:send("ran", name)
    akt.receive { go = function() end }
  end, restart)
  local ref = akt.monitor(p)
  akt.receive { ran = function() end }
  p:send("go")
  print(restart, akt.receive {
    ran = function(name) return "ran again", name end,
    down = function(r, _, reason) return r == ref and "down", reason end,
  })
end
-- expect: permanent	ran again	permanent
-- expect: transient	down	normal
-- expect: temporary	down	normal
