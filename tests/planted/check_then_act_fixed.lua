-- One call that says whether it worked.
local akt = require "akt"
local failed = 0
for _ = 1, 2 do
  akt.spawn_monitor(function()
    akt.try(akt.register, "leader")
    akt.sleep(10)
  end)
end
akt.sleep(1)
assert(akt.whereis("leader"), "there is no leader")
for _ = 1, 2 do
  akt.receive{ down = function(_, _, reason)
    if reason ~= "normal" then failed = failed + 1 end
  end }
end
assert(failed == 0, "two wanted to be the leader")
