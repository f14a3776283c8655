-- SPDX-License-Identifier: MIT
-- cpu4 [loops] [actors]: CPU-bound actors, each with the same fixed work.
-- With two workers it should take half the time it takes with one.

local akt = require "akt"

local loops, actors = ...
loops = tonumber(loops) or 40000000
actors = tonumber(actors) or 4

local Cruncher = akt.actor "cpu_cruncher"

-- Counts the odd numbers of a linear congruential sequence of full period:
-- they alternate with the even ones, so half of any even number of steps.
function Cruncher.on:work(n)
  local x, odd = 1, 0
  for _ = 1, n do
    x = (x * 1103515245 + 12345) & 0x7fffffff
    odd = odd + (x & 1)
  end
  return odd
end

local crew = {}
for i = 1, actors do crew[i] = akt.spawn(Cruncher) end

local function run(n)
  local start = akt.clock()
  local results = akt.within(600, function()
    local works = {}
    for i, pid in ipairs(crew) do works[i] = akt.async(pid, "work", n) end
    return { akt.all(table.unpack(works)) }
  end)
  local seconds = akt.clock() - start
  assert(#results == actors, "a result is missing")
  for _, odd in ipairs(results) do assert(odd == n // 2, "a wrong result") end
  return seconds
end

run(math.max(loops // 20, 1))
print(string.format("cpu4  %.3f s", run(loops)))
