-- A lookup in shared data beside one in a plain table, and the memory of data
-- that several isolates look into: once shared, once as a copy in each.
--
-- args: entries (1,000,000), lookups (5,000,000), isolates (4)

local akt = require "akt"

local N = tonumber(akt.args[1]) or 1000000
local LOOKUPS = tonumber(akt.args[2]) or 5000000
local ISOLATES = tonumber(akt.args[3]) or 4

local function make(n)
  local t = {}
  for i = 1, n do t["key " .. i] = i end
  return t
end

-- The quickest of ten runs: the others were disturbed.
local function time_of(t, keys)
  local sum, n, best = 0, #keys, math.huge
  for _ = 1, 10 do
    local start = akt.clock()
    for i = 1, LOOKUPS / 10 do sum = sum + t[keys[i % n + 1]] end
    best = math.min(best, akt.clock() - start)
  end
  assert(sum > 0)
  return best / (LOOKUPS / 10) * 1e9
end

-- Keys in no order, as those of requests; few enough that they do not count.
local function some_keys(n)
  local keys = {}
  for i = 1, 10000 do keys[i] = "key " .. math.random(n) end
  return keys
end

local function memory() return akt.stats().memory end

local before = memory()
akt.spawn_opt({ isolate = true, memory = "1GB", monitor = true }, function()
  local t = make(N)
  local start = akt.clock()
  akt.shared("data", t)
  print(("shared.publish  %.3f s"):format(akt.clock() - start))
end)
akt.receive()

local keys = some_keys(N)
akt.sleep(1) -- until its isolate is closed
local once = memory() - before
print(("shared.lookup  %.1f ns"):format(time_of(akt.shared("data"), keys)))
print(("shared.call_and_lookup  %.1f ns"):format(time_of(
  setmetatable({}, { __index = function(_, k) return akt.shared("data")[k] end }), keys)))
print(("shared.memory  %.0f bytes/entry"):format(once / N))

local main = akt.self()
local function holder()
  local t = make(N)
  main:send("time", time_of(t, some_keys(N)))
  akt.receive { stop = function() assert(t["key 1"]) end }
end
before = memory()
local holders = {}
for i = 1, ISOLATES do
  holders[i] = akt.spawn_opt({ isolate = true, memory = "2GB" }, holder)
end
local times = {}
for i = 1, ISOLATES do
  times[i] = akt.receive { time = function(t) return t end }
end
table.sort(times)
print(("plain.lookup  %.1f ns"):format(times[1]))
print(("plain.memory  %.0f bytes/entry"):format((memory() - before) / N))
for _, p in ipairs(holders) do p:send("stop") end
