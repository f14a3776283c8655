-- SPDX-License-Identifier: MIT
-- alltoall [actors] [rounds] [burst]: in a round every actor sends a ping to
-- every other one, the next when the last was answered with a pong, so one
-- message per actor is on its way. With burst 1 it sends all pings of a round
-- at once and then waits for all pongs.

local akt = require "akt"

local actors, rounds, burst = ...
actors = tonumber(actors) or 200
rounds = tonumber(rounds) or 40
burst = tonumber(burst) == 1

local Node = akt.actor "alltoall_node"

function Node:init() self.handled = 0 end

function Node.on:peers(all, burst)
  self.peers, self.burst = {}, burst
  for _, pid in ipairs(all) do
    if pid ~= akt.self() then self.peers[#self.peers + 1] = pid end
  end
end

function Node:next_round()
  self.rounds = self.rounds - 1
  self.missing = #self.peers
  if not self.burst then return self.peers[self.missing]:send("ping") end
  for _, pid in ipairs(self.peers) do pid:send("ping") end
end

function Node.on:run(n)
  self.rounds = n
  self.done = akt.defer()               -- answered after the last round
  self:next_round()
end

function Node.on:ping()
  self.handled = self.handled + 1
  akt.sender():send("pong")
end

function Node.on:pong()
  self.handled = self.handled + 1
  self.missing = self.missing - 1
  if self.missing > 0 then
    if not self.burst then self.peers[self.missing]:send("ping") end
    return
  end
  if self.rounds > 0 then
    self:next_round()
  else
    self.done:reply(true)
  end
end

function Node.on:handled() return self.handled end

local nodes = {}
for i = 1, actors do nodes[i] = akt.spawn(Node) end
for _, node in ipairs(nodes) do node:ask("peers", nodes, burst) end

local function run(n)
  local start = akt.clock()
  akt.within(600, function()
    local runs = {}
    for i, node in ipairs(nodes) do runs[i] = akt.async(node, "run", n) end
    akt.all(table.unpack(runs))
  end)
  return akt.clock() - start
end

local warm_up = math.max(rounds // 10, 1)
run(warm_up)
local seconds = run(rounds)

local per_round = actors * (actors - 1) * 2
local handled = 0
for _, node in ipairs(nodes) do handled = handled + node:ask("handled") end
assert(handled == (warm_up + rounds) * per_round, "messages were lost")
print(string.format("alltoall  %.0f messages/s", rounds * per_round / seconds))
