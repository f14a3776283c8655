-- SPDX-License-Identifier: MIT
-- Passivating and waking: actors that keep a small state are passivated by
-- each message and woken by the next.
--   passivate.lua [ACTORS [ROUNDS]]
local akt = require "akt"

local actors, rounds = tonumber(akt.args[1]) or 1000, tonumber(akt.args[2]) or 100

local function kind(name, policy)
  local K = akt.actor(name)
  K.passivate = policy
  function K:init(id) self.id, self.n = id, 0 end
  function K.on:add() self.n = self.n + 1; return self.n end
  function K:idle() return self.n end
  function K:wake(n) self.n = n end
  return K
end

local function measure(K, n)
  local list = {}
  for i = 1, actors do list[i] = akt.spawn(K, i) end
  for _, a in ipairs(list) do a:ask("add") end -- warm
  local t = akt.clock()
  for _ = 1, n do
    for i = 1, actors do list[i]:send("add") end
    for i = 1, actors do list[i]:ask("add") end
  end
  local took = akt.clock() - t
  for i = 1, actors do
    local got = list[i]:ask("add")
    if got ~= 2 * n + 2 then error("lost: " .. got) end
  end
  return took
end

local plain = measure(kind("plain"), rounds)
local before = akt.stats().passivated
local away = measure(kind("away", { messages = 1 }), rounds)
local cycles = akt.stats().passivated - before
-- all of it: the messages that wake it too, and beside it the same messages
-- to actors that stay
print(("passivate.cycle  %.2f us"):format(away / cycles * 1e6))
print(("passivate.stays  %.2f us"):format(plain / cycles * 1e6))

-- memory of one that is away
local K = kind("idle", { messages = 1 })
local function rss()
  local f = assert(io.open("/proc/self/statm"))
  local _, pages = f:read("n", "n")
  f:close()
  return pages * 4096
end
local many, r0 = 200000, rss()
for i = 1, many do akt.spawn(K, i):send("add") end
while akt.stats().away < many do akt.sleep(0.01) end
print(("passivate.memory  %.0f bytes/actor"):format((rss() - r0) / many))
