-- SPDX-License-Identifier: MIT
-- What the programs of the Savina suite share. Their parameters are those of
-- the suite; others are given as numbers, in the same order. "iterations=N"
-- among them sets how often the work is done.

local akt = require "akt"

local savina = {}

local ITERATIONS = 12                   -- the suite's own default
local ENOUGH_SECONDS = 2                -- no further iteration after that

-- The numbers among the program's arguments, or the defaults.
function savina.args(...)
  local values, at = { ... }, 0
  for _, word in ipairs(akt.args) do
    if not word:find("=", 1, true) then
      at = at + 1
      values[at] = assert(tonumber(word), "not a number: " .. word)
    end
  end
  return table.unpack(values)
end

local function iterations()
  for _, word in ipairs(akt.args) do
    local n = word:match("^iterations=(%d+)$")
    if n then return tonumber(n) end
  end
  return ITERATIONS
end

-- The generator of the suite: numbers from 0 to 65535, the same on all systems.
function savina.random(seed)
  local value = seed or 74755
  return function(limit)
    value = (value * 1309 + 13849) & 65535
    return limit and value % limit or value
  end
end

-- So many steps of it, for nothing.
function savina.busy_wait(steps)
  local value = 74755
  for _ = 1, steps do value = (value * 1309 + 13849) & 65535 end
  return value
end

-- Fails unless it is what it must be.
function savina.expect(what, got, wanted)
  if got ~= wanted then
    error(("%s: %s, must be %s"):format(what, got, wanted), 0)
  end
end

local function median(values)
  table.sort(values)
  local middle = #values // 2
  if #values % 2 == 1 then return values[middle + 1] end
  return (values[middle] + values[middle + 1]) / 2
end

-- Does the work once -> seconds by the clock, of processor.
local function iterate(bench)
  local prepared = bench.setup and bench.setup()
  local start, cpu = akt.clock(), os.clock()
  local check = bench.once(prepared)
  local seconds, cpu_seconds = akt.clock() - start, os.clock() - cpu
  savina.expect(bench.name, check, bench.check)
  return seconds, cpu_seconds
end

-- Does `work` units of work in `once`, again and again, and prints the rate of
-- the median. `once` does all of it, from the first spawn to the last end, and
-- returns what must be `check`. What `setup` returns is given to it; that time
-- does not count. The first iteration warms up, unless it is the only one.
function savina.run(bench)
  local times, cpus, total, limit = {}, {}, 0, iterations()
  repeat
    local n = #times + 1
    times[n], cpus[n] = iterate(bench)
    total = total + times[n]
  until #times == limit or total > ENOUGH_SECONDS
  if #times > 1 then
    table.remove(times, 1)
    table.remove(cpus, 1)
  end
  local seconds = median(times)
  print(("%s  %.0f %s work=%d check=%s seconds=%.6f cpu=%.6f"):format(
    bench.name, bench.work / seconds, bench.unit, bench.work, bench.check,
    seconds, median(cpus)))
end

return savina
