-- SPDX-License-Identifier: MIT
-- timers [pending] [fires/s] [seconds] [actors]: how late timers are when
-- there are many.
--
-- The timers are spread over the actors; each one fires, is measured against
-- the time it was due, and is set again one period later, so that there are
-- always `pending` of them, of which `fires` come due each second, evenly.
-- Every one that came due must have fired.

local akt = require "akt"

local pending, fires, seconds, actors = ...
pending = tonumber(pending) or 1000000
fires = tonumber(fires) or 100000
seconds = tonumber(seconds) or 5
actors = tonumber(actors) or 1000

local STEP = 0.00005 -- s; of the lateness that is counted in one bucket

local Owner = akt.actor "timers_owner"

function Owner:init(n, start, gap, period, step)
  self.period, self.step = period, step
  self.due, self.late, self.fired, self.max = {}, {}, 0, 0
  self.measured_from = start + period / 10
  for i = 1, n do
    self.due[i] = start + gap * i
    akt.after(self.due[i] - akt.clock(), "fire", i)
  end
end

function Owner.on:fire(i)
  local due, now = self.due[i], akt.clock()
  if due >= self.measured_from then
    local late = now - due
    local bucket = math.max(0, late) // self.step | 0
    self.late[bucket] = (self.late[bucket] or 0) + 1
    self.fired = self.fired + 1
    if late > self.max then self.max = late end
  end
  self.due[i] = due + self.period
  akt.after(math.max(0, self.due[i] - now), "fire", i)
end

function Owner.on:figures(until_due)
  local waiting = 0
  for _, due in ipairs(self.due) do
    if due < until_due then waiting = waiting + 1 end
  end
  return self.fired, waiting, self.max, self.late
end

local period = pending / fires
local each = pending // actors
local start = akt.clock() + 2 + pending / 200000 -- when all have been set
local crew = {}
akt.within(600, function()
  for a = 1, actors do
    -- those of one actor are a full period apart in all
    crew[a] = akt.spawn(Owner, each, start + period / pending * a,
                        period / each, period, STEP)
  end
end)
assert(akt.clock() < start, "setting them took too long")

akt.sleep(start + seconds - akt.clock())
akt.within(60, function()
  local fired, waiting, max, late, top = 0, 0, 0, {}, 0
  local before = akt.clock() - 1
  for _, pid in ipairs(crew) do
    local f, w, m, l = pid:ask("figures", before)
    fired, waiting, max = fired + f, waiting + w, math.max(max, m)
    for bucket, n in pairs(l) do
      late[bucket] = (late[bucket] or 0) + n
      top = math.max(top, bucket)
    end
  end
  assert(waiting == 0, "timers that were due have not fired")
  local function percentile(p)
    local seen = 0
    for bucket = 0, top do
      seen = seen + (late[bucket] or 0)
      if seen >= fired * p then return (bucket + 1) * STEP * 1e3 end
    end
  end
  print(string.format("timers.p50  %.3f ms", percentile(0.5)))
  print(string.format("timers.p99  %.3f ms", percentile(0.99)))
  print(string.format("timers.max  %.3f ms", max * 1e3))
  print(string.format("timers.rate  %.0f fires/s", fired / (seconds - period / 10)))
end)
akt.exit(0)
