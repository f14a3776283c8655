-- SPDX-License-Identifier: MIT
-- idle [actors]: what an idle behaviour actor costs in time and memory.
--
-- Memory is the growth of the resident set of the whole process divided by
-- the number of actors: records, state tables, heaps and allocator losses.
-- Only every 1,000th pid is kept, to leave this script's own table out.

local akt = require "akt"

local count = tonumber((...)) or 1000000

local Idle = akt.actor "idle"

function Idle:init(n) self.n = n end
function Idle.on:get() return self.n end

local function resident_bytes()
  local f = assert(io.open("/proc/self/status"))
  local text = f:read("a")
  f:close()
  return assert(tonumber(text:match("VmRSS:%s*(%d+) kB"))) * 1024
end

akt.spawn(Idle, 0):ask("get")           -- warm-up: the kind's code is in place

local before = resident_bytes()
local sample = {}
local start = akt.clock()
for i = 1, count do
  local pid = akt.spawn(Idle, i)
  if i % 1000 == 0 or i == count then sample[i] = pid end
end
local seconds = akt.clock() - start
local bytes = resident_bytes() - before

for i, pid in pairs(sample) do
  assert(pid:ask("get") == i, "an actor has another one's state")
end

print(string.format("idle.spawn  %.0f spawns/s", count / seconds))
print(string.format("idle.memory  %.0f bytes/actor", bytes / count))
