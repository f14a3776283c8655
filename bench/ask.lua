-- SPDX-License-Identifier: MIT
-- ask [calls]: one actor asks another, one call after the other. Then a tenth
-- of the calls again, each timed for itself (the clock is in these figures).

local akt = require "akt"

local calls = tonumber((...)) or 1000000

local Echo = akt.actor "ask_echo"

function Echo:init() self.handled = 0 end

function Echo.on:add(k)
  self.handled = self.handled + 1
  return k + 1
end

function Echo.on:handled() return self.handled end

local echo = akt.spawn(Echo)

local function run(n)
  local sum, start = 0, akt.clock()
  for i = 1, n do sum = sum + echo:ask("add", i) end
  local seconds = akt.clock() - start
  assert(sum == n * (n + 1) // 2 + n, "a wrong reply")
  return seconds
end

local function percentile(sorted, p)
  return sorted[math.max(1, math.ceil(#sorted * p))]
end

local function times(n)
  local list = {}
  for i = 1, n do
    local start = akt.clock()
    echo:ask("add", i)
    list[i] = akt.clock() - start
  end
  table.sort(list)
  return list
end

local warm_up = math.max(calls // 10, 1)
run(warm_up)
local seconds = run(calls)
local timed = times(warm_up)

assert(echo:ask("handled") == calls + 2 * warm_up,
       "a call was lost")
print(string.format("ask  %.0f asks/s", calls / seconds))
print(string.format("ask.p50  %.2f us", percentile(timed, 0.50) * 1e6))
print(string.format("ask.p99  %.2f us", percentile(timed, 0.99) * 1e6))
