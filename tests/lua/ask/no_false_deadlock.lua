-- Actors that ask one another in an order that never closes a circle, and
-- whose answers come late, early, by token or forwarded, see no deadlock.
local akt = require "akt"
local Level = akt.actor "level"
function Level:init(below) self.below = below end
function Level.on:get(n)
  if #self.below == 0 then return n end
  local to = self.below[math.random(#self.below)]
  local how = math.random(4)
  if how == 1 then akt.forward(to) return end
  if how == 2 then
    local token = akt.defer()
    token:reply(to:ask("get", n))
  elseif how == 3 then
    akt.reply(to:ask("get", n))
    akt.sleep(math.random() / 100)
  else
    return akt.async(to, "get", n):wait()
  end
end
local below = {}
for _ = 1, 4 do
  local level = {}
  for i = 1, 4 do level[i] = akt.spawn(Level, below) end
  below = level
end
local n = 0
for _ = 1, 20 do
  local fs = {}
  for i = 1, 20 do fs[i] = akt.async(below[i % 4 + 1], "get", i) end
  for i = 1, 20 do if fs[i]:wait() == i then n = n + 1 end end
end
print(n) -- expect: 400
