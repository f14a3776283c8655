-- SPDX-License-Identifier: MIT
-- restart [crashes]: the time from sending a message that crashes an actor to
-- the first reply of its restarted self. Run with --crash-reports off.
--
-- The pid and the mailbox survive a restart, so the client simply asks.

local akt = require "akt"

local crashes = tonumber((...)) or 20000

local Worker = akt.actor "restart_worker"

function Worker:init() self.n = 0 end

function Worker.on:inc()
  self.n = self.n + 1
  return self.n
end

function Worker.on:get() return self.n end
function Worker.on:boom() error("boom") end

local Boss = akt.actor "restart_boss"

Boss.supervise = {
  strategy = "one_for_one",
  max = 1e9, within = 1,                -- never give up
  backoff = { 0, 0 },                   -- never wait
}

function Boss:init()
  self.worker = akt.spawn_opt({ restart = "permanent" }, Worker)
end

function Boss.on:worker() return self.worker end

local function percentile(sorted, p)
  return sorted[math.max(1, math.ceil(#sorted * p))]
end

local boss = akt.spawn(Boss)
local worker = boss:ask("worker")

local function run(n)
  local times = {}
  for i = 1, n do
    assert(worker:ask("inc") == 1, "not a fresh state")
    local start = akt.clock()
    worker:send("boom")
    local value = worker:ask("get")
    times[i] = akt.clock() - start
    assert(value == 0, "not restarted")
  end
  table.sort(times)
  return times
end

run(math.max(crashes // 10, 1))
local times = run(crashes)

print(string.format("restart.median  %.2f us", percentile(times, 0.50) * 1e6))
print(string.format("restart.p99  %.2f us", percentile(times, 0.99) * 1e6))
