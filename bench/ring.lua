-- SPDX-License-Identifier: MIT
-- ring [members] [hops]: one token goes round a ring of actors.
--
-- At any time one message is on its way, so this measures the latency of
-- send -> wake -> handle, not throughput. A hop counts once it is handled.

local akt = require "akt"

local members, hops = ...
members = tonumber(members) or 1000
hops = tonumber(hops) or 3000000

local Member = akt.actor "ring_member"

function Member:init(next_pid, main)
  self.next, self.main, self.handled = next_pid, main, 0
end

function Member.on:close(next_pid) self.next = next_pid end

function Member.on:token(left)
  self.handled = self.handled + 1
  if left > 1 then
    self.next:send("token", left - 1)
  else
    self.main:send("done")
  end
end

function Member.on:handled() return self.handled end

local main = akt.self()
local ring = {}
for i = members, 1, -1 do
  ring[i] = akt.spawn(Member, ring[i + 1], main)
end
ring[members]:send("close", ring[1])
ring[members]:ask("handled")           -- the ring is closed now

local function run(n)
  local start = akt.clock()
  ring[1]:send("token", n)
  akt.receive { done = function() end }
  return akt.clock() - start
end

local warm_up = math.max(hops // 10, 1)
run(warm_up)
local seconds = run(hops)

local handled = 0
for _, member in ipairs(ring) do handled = handled + member:ask("handled") end
assert(handled == warm_up + hops, "hops were lost or counted twice")

print(string.format("ring  %.0f hops/s", hops / seconds))
