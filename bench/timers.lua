-- SPDX-License-Identifier: MIT
-- timers [pending] [fires/s] [seconds] [actors]: how late timers are when
-- there are many.
--
-- The timers are spread over the actors. Each one that fires is compared with
-- the time it was due and set again, one period later, so that there are
-- always `pending` of them, of which `fires` are due each second, evenly. None
-- may be missing at the end. First the same with a hundredth of them pending,
-- which fire as often: timers.few.

local akt = require "akt"

local pending, fires, seconds, actors = ...
pending = tonumber(pending) or 1000000
fires = tonumber(fires) or 100000
seconds = tonumber(seconds) or 5
actors = tonumber(actors) or 1000

local STEP = 0.00005 -- s of lateness that are counted as one

local Owner = akt.actor "timers_owner"

function Owner:init(n, start, gap, step)
  self.period, self.step, self.start = gap * n, step, start
  self.due, self.late, self.max = {}, {}, 0
  for i = 1, n do
    self.due[i] = start + gap * i
    akt.after(self.due[i] - akt.clock(), "fire", i)
  end
end

function Owner.on:fire(i)
  local due, now = self.due[i], akt.clock()
  local bucket = (now - due) // self.step | 0
  self.late[bucket] = (self.late[bucket] or 0) + 1
  if now - due > self.max then self.max = now - due end
  self.due[i] = due + self.period
  akt.after(math.max(0, self.due[i] - now), "fire", i)
end

function Owner.on:figures(before)
  for _, due in ipairs(self.due) do
    assert(due > before, "a timer that was due has not fired")
  end
  return self.max, self.late
end

local function collect(crew)
  local late, fired, top, max = {}, 0, 0, 0
  local before = akt.clock() - 2
  for _, pid in ipairs(crew) do
    local m, l = pid:ask("figures", before)
    max = math.max(max, m)
    for bucket, n in pairs(l) do
      late[bucket] = (late[bucket] or 0) + n
      fired, top = fired + n, math.max(top, bucket)
    end
  end
  return late, fired, top, max
end

local function measure(count)
  local each = count // actors
  local start = akt.clock() + 1 + count / 200000 -- when all have been set
  local crew = {}
  akt.within(600, function()
    for a = 1, actors do
      crew[a] = akt.spawn(Owner, each, start + a / fires, actors / fires, STEP)
    end
  end)
  assert(akt.clock() < start, "to set them took too long")
  akt.sleep(start + seconds - akt.clock())
  local late, fired, top, max = akt.within(60, collect, crew)
  for _, pid in ipairs(crew) do akt.stop(pid) end
  local function percentile(p)
    local seen = 0
    for bucket = 0, top do
      seen = seen + (late[bucket] or 0)
      if seen >= fired * p then return (bucket + 1) * STEP * 1e3 end
    end
  end
  assert(fired >= fires * seconds * 0.9, "too few have fired")
  return percentile(0.5), percentile(0.99), max * 1e3
end

local few_p50, few_p99 = measure(math.max(pending // 100, actors))
local p50, p99, max = measure(pending)
print(string.format("timers.few_p50  %.3f ms", few_p50))
print(string.format("timers.few_p99  %.3f ms", few_p99))
print(string.format("timers.p50  %.3f ms", p50))
print(string.format("timers.p99  %.3f ms", p99))
print(string.format("timers.max  %.3f ms", max))
print(string.format("timers.p99_by_few  %.2f times", p99 / few_p99))
