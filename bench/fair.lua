-- SPDX-License-Identifier: MIT
-- fair [asks] [spinners]: how long an ask takes while other actors loop for
-- ever. Made for --workers 2 with 10 spinners: each worker has more endless
-- actors than it can run, and the light actor must still get its turn.

local akt = require "akt"

local asks, spinners = ...
asks = tonumber(asks) or 500
spinners = tonumber(spinners) or 10

local Light = akt.actor "fair_light"

function Light:init() self.n = 0 end

function Light.on:inc()
  self.n = self.n + 1
  return self.n
end

local function percentile(sorted, p)
  return sorted[math.max(1, math.ceil(#sorted * p))]
end

local light = akt.spawn(Light)
for _ = 1, spinners do
  akt.spawn_opt({ shutdown = "kill" }, function()
    local x = 0
    while true do x = x + 1 end
  end)
end
akt.sleep(0.1)                          -- all of them are spinning by now

local times = {}
for i = 1, asks do
  akt.sleep(0.01)
  local start = akt.clock()
  local n = light:ask("inc")
  times[i] = akt.clock() - start
  assert(n == i, "a wrong reply")
end
table.sort(times)

print(string.format("fair.p50  %.3f ms", percentile(times, 0.50) * 1e3))
print(string.format("fair.p99  %.3f ms", percentile(times, 0.99) * 1e3))
akt.exit(0)                             -- the spinners would never end
