-- New actors pass by an isolate that is busy.
local akt = require "akt"
local K = akt.actor "k"
local hog = akt.spawn(function() while true do end end)
local home
repeat -- it has no time to say where it is: ask one that shares its isolate
  home = nil
  local homes = {}
  for _ = 1, 64 do
    local pid = akt.spawn(K)
    local at = akt.info(pid).isolate
    homes[at] = (homes[at] or 0) + 1
    akt.stop(pid)
  end
  local least = math.huge
  for _, n in pairs(homes) do least = math.min(least, n) end
  local count = 0
  for _ in pairs(homes) do count = count + 1 end
  akt.sleep(0.05)
  home = least == 0 or count < akt.stats().workers * 8
until home
print "passed by"
akt.kill(hog)
-- expect: passed by
