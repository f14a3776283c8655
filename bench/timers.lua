-- How late timers are: a million pending ones, and 100,000 that fire each
-- second in chains (each tick starts the next one), on all isolates.
--
-- args: pending (1,000,000), ticks per second (100,000), seconds (5)

local akt = require "akt"

local PENDING = tonumber(akt.args[1]) or 1000000
local RATE = tonumber(akt.args[2]) or 100000
local SECONDS = tonumber(akt.args[3]) or 5
local ACTORS, DELAY = 200, 0.1
local CHAINS = math.floor(RATE * DELAY / ACTORS) -- of one actor
local STEP, BUCKETS = 0.0001, 10000

local Worker = akt.actor "worker"
function Worker:init() self.late, self.n, self.on = {}, 0, true end
function Worker.on:hold(n)
  for _ = 1, n do akt.after(1e6, "never") end
end
function Worker.on:start()
  for _ = 1, CHAINS do
    local delay = math.random() * DELAY
    akt.after(delay, "tick", akt.clock() + delay)
  end
end
function Worker.on:tick(due)
  local now = akt.clock()
  if self.on then akt.after(DELAY, "tick", now + DELAY) end
  local bucket = math.min(BUCKETS, math.floor((now - due) / STEP))
  self.late[bucket] = (self.late[bucket] or 0) + 1
  self.n = self.n + 1
end
function Worker.on:measure() self.late, self.n = {}, 0 end
function Worker.on:stop() self.on = false; return self.n, self.late end

local workers = {}
for i = 1, ACTORS do workers[i] = akt.spawn(Worker) end
for _, w in ipairs(workers) do
  akt.within(60, w.ask, w, "hold", PENDING // ACTORS)
end
for _, w in ipairs(workers) do w:send("start") end
akt.sleep(SECONDS / 10) -- a warm-up
for _, w in ipairs(workers) do w:send("measure") end
local start = akt.clock()
akt.sleep(SECONDS)
local futures = {}
for i, w in ipairs(workers) do futures[i] = w:async("stop") end
local total, late = 0, {}
for _, f in ipairs(futures) do
  local n, buckets = f:wait()
  total = total + n
  for k, c in pairs(buckets) do late[k] = (late[k] or 0) + c end
end
local seconds = akt.clock() - start

local function quantile(q)
  local sum = 0
  for k = 0, BUCKETS do
    sum = sum + (late[k] or 0)
    if sum >= total * q then return (k + 1) * STEP * 1000 end
  end
end
assert(total > 0)
print(("timers.rate  %.0f ticks/s"):format(total / seconds))
print(("timers.late_p50  %.1f ms"):format(quantile(0.5)))
print(("timers.late_p99  %.1f ms"):format(quantile(0.99)))
akt.exit(0)
