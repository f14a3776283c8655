-- seeds: 5
-- What each strategy does with sends and asks.
local akt = require "akt"
local W = akt.actor "worker"
function W:init() self.n = 0 end
function W.on:work(x) self.n = self.n + 1; return x * 2 end
function W.on:count() return self.n end

local function counts(router)
  local list = {}
  for i, pid in ipairs(router:routees()) do list[i] = pid:ask("count") end
  table.sort(list)
  return table.concat(list, " ")
end
local function make(strategy, key)
  return akt.router { strategy = strategy, kind = W, size = 4, key = key }
end

local r = make "round_robin"
for i = 1, 8 do r:send("work", i) end
print(counts(r))              -- expect: 2 2 2 2
for i = 1, 4 do r:ask("work", i) end
print(counts(r))              -- expect: 3 3 3 3

r = make "random"
for i = 1, 400 do r:send("work", i) end
local least, sum = math.huge, 0
for n in counts(r):gmatch("%d+") do
  least, sum = math.min(least, tonumber(n)), sum + tonumber(n)
end
print(least > 0, sum)         -- expect: true	400

r = make "smallest_mailbox"
for i = 1, 8 do r:ask("work", i) end
print(counts(r))              -- expect: 2 2 2 2

r = make("consistent_hash", function(tag, x) return x end)
for i = 1, 8 do r:send("work", "3") end
print(counts(r))              -- expect: 0 0 0 8

r = make "broadcast"
print(r:send("work", 1))      -- expect: true
print(counts(r))              -- expect: 1 1 1 1
local all = r:ask("work", 21)
print(#all, all.n, all[1], all[4]) -- expect: 4	4	42	42

r = make "scatter_gather"
r:send("work", 1)
print(counts(r))              -- expect: 1 1 1 1
print(r:ask("work", 5))       -- expect: 10
print(counts(r))              -- expect: 2 2 2 2

r = make "tail_chopping"
r:send("work", 1)
print(counts(r))              -- expect: 0 0 0 1
print(r:ask("work", 5))       -- expect: 10

-- a future, too
print(akt.async(make "round_robin", "work", 3):wait())    -- expect: 6
print(akt.async(make "scatter_gather", "work", 3):wait()) -- expect: 6
print(#akt.async(make "broadcast", "work", 3):wait())     -- expect: 4
