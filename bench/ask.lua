-- SPDX-License-Identifier: MIT
-- ask [calls]: one actor asks another, one call after the other.

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

local warm_up = math.max(calls // 10, 1)
run(warm_up)
local seconds = run(calls)

assert(echo:ask("handled") == warm_up + calls, "a call was lost")
print(string.format("ask  %.0f asks/s", calls / seconds))
