-- A million idle actors, and one that sleeps for a millisecond again and again
-- and says how much too long the worst of these took. bench/ps looks at it.
--
-- arguments: actors (1000000), seconds (10)
local akt = require "akt"
local n = math.tointeger(tonumber(akt.args[1] or 1000000))
local seconds = tonumber(akt.args[2] or 10)

local Idle = akt.actor "idle"
function Idle:init(i) self.i = i end

for i = 1, n do akt.spawn(Idle, i) end

local function worst(s)
  local most, stop, last = 0, akt.clock() + s, akt.clock()
  while last < stop do
    akt.sleep(0.001)
    local now = akt.clock()
    most, last = math.max(most, now - last - 0.001), now
  end
  return most * 1000
end

worst(2)
print(("pause.before  %.2f ms"):format(worst(seconds / 2)))
print("ready")
print(("pause.during  %.2f ms"):format(worst(seconds)))
