-- seeds: 5
-- consistent_hash: every routee gets its share, a key always the same one, and
-- a resize moves few keys.
local akt = require "akt"
local W = akt.actor "worker"
function W:init() self.keys, self.n = {}, 0 end
function W.on:work(key) self.keys[key] = true; self.n = self.n + 1 end
function W.on:count() return self.n end
function W.on:keys() local k = self.keys; self.keys, self.n = {}, 0; return k end

local KEYS, SIZE = 8000, 8
local r = akt.router { strategy = "consistent_hash", kind = W, size = SIZE,
                       key = function(_, key) return key end }

local function spread()
  for i = 1, KEYS do r:send("work", "user" .. i) end
  local where, least, most = {}, math.huge, 0
  for _, pid in ipairs(r:routees()) do
    local n = pid:ask("count")
    least, most = math.min(least, n), math.max(most, n)
    for key in pairs(pid:ask("keys")) do
      assert(where[key] == nil, "a key has two routees")
      where[key] = pid
    end
  end
  return where, least, most
end

local function moved(a, b)
  local n = 0
  for key, pid in pairs(a) do if b[key] ~= pid then n = n + 1 end end
  return n
end

local at, least, most = spread()
print(least > KEYS / SIZE * 0.85, most < KEYS / SIZE * 1.15) -- expect: true	true
local again = spread()
print(moved(at, again))                             -- expect: 0
r:resize(9)
local more = spread()
print(moved(at, more) <= KEYS / 9 * 1.15, moved(at, more) > 0) -- expect: true	true
r:resize(8)
print(moved(at, (spread())))                        -- expect: 0

-- one that dies: its keys, and those of the one that takes its place
local list = {}
for i = 1, SIZE do list[i] = akt.spawn(W) end
r = akt.router { strategy = "consistent_hash", routees = list,
                 key = function(_, key) return key end }
at = spread()
local ref = akt.monitor(list[3])
akt.kill(list[3])
akt.receive { down = function() end }
local n = moved(at, (spread()))
print(n > 0, n < KEYS / SIZE * 2.3)                 -- expect: true	true
