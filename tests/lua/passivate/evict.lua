-- flags: --sim
-- seeds: 5
-- When there are more live actors than the limit, those that may be passivated
-- leave: the least recently used, the least used, or the most recently used
-- first. Nothing is lost, and what must not be passivated stays.
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = "1d" }
function K:init() self.n = 0 end
function K.on:add() self.n = self.n + 1; return self.n end
function K:idle() return self.n end
function K:wake(n) self.n = n end
local Stays = akt.actor "stays"
function Stays.on:add() end

local list, stays = {}, {}
for i = 1, 100 do
  list[i], stays[i] = akt.spawn(K), akt.spawn(Stays)
end
local function away()
  local t = {}
  for i, k in ipairs(list) do if akt.info(k).state == "passivated" then t[#t + 1] = i end end
  return t
end
-- 100 + 100 + main + guardians: the older half was used long ago, but more
for i = 1, 50 do for _ = 1, 5 do list[i]:ask("add") end end
akt.sleep(10)
for i = 51, 100 do list[i]:ask("add") end
akt.sleep(10)
local total = akt.stats().actors
akt.evict { max_actors = total - 30, share = 0.01, every = 5 }
akt.sleep(0.5)
local t = away()
print(#t >= 30 and #t <= 32, t[#t] <= 50) -- expect: true	true
for i = 1, 50 do assert(list[i]:ask("add") == 6) end -- they are all back
akt.evict(false)
akt.sleep(60)
print(#away()) -- expect: 0
akt.evict { max_actors = total - 30, policy = "lfu", share = 0.01, every = 5 }
akt.sleep(0.5)
t = away()
print(#t >= 30 and #t <= 32, t[1] > 50) -- expect: true	true
akt.evict(false)
for i = 1, 100 do list[i]:ask("add") end
akt.sleep(10)
for i = 1, 50 do list[i]:ask("add") end
akt.evict { max_actors = total - 30, policy = "mru", share = 0.2 }
akt.sleep(0.5)
t = away()
print(#t >= 40 and #t <= 42, t[#t] <= 50) -- expect: true	true
-- again and again, while it is in force; never more than may leave
akt.evict { max_actors = 1, every = 1 }
akt.sleep(5)
print(#away(), akt.info(stays[1]).state) -- expect: 100	idle
akt.evict(false)
for i = 1, 100 do list[i]:ask("add") end

-- by memory: some at a time
akt.evict { max_bytes = "256kB", share = 0.1, every = 1 }
akt.sleep(0.5)
local few = #away()
print(few > 0 and few < 40) -- expect: true
akt.sleep(2)
print(#away() > few) -- expect: true
