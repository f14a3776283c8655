-- SPDX-License-Identifier: MIT
-- gc [actors] [messages/s] [seconds]: how long garbage collection stops
-- actors on a node with many of them.
--
-- 1 % of the actors wait in an ask for the whole run (a suspended coroutine
-- is what a collector cannot skip); the others get a paced stream of messages,
-- each of which replaces a part of their state. Two kinds of probes look for
-- pauses: 16 actors spread among the others that sleep 1 ms again and again
-- (gc.sleep: how much longer than asked the sleep took) and the main actor
-- that asks one actor after another (gc.ask: how long a reply took).

local akt = require "akt"

local count, rate, seconds = ...
count = tonumber(count) or 100000
rate = tonumber(rate) or 50000
seconds = tonumber(seconds) or 5

local PROBES = 16
local TICK = 0.002

local Server = akt.actor "gc_server"    -- takes asks and answers at the end

function Server:init() self.waiting = {} end

function Server.on:hold()
  self.waiting[#self.waiting + 1] = akt.defer()
end

function Server.on:held() return #self.waiting end

function Server.on:release()
  for _, token in ipairs(self.waiting) do token:reply(true) end
  self.waiting = {}
end

local Cell = akt.actor "gc_cell"

function Cell:init(n)
  self.seen = 0
  for i = 1, 10 do self["key" .. i] = n + i end
end

function Cell.on:touch(k)
  self.seen = self.seen + 1
  self["key" .. (k % 10 + 1)] = { k, tostring(k) }
end

function Cell.on:seen() return self.seen end

function Cell.on:wait(server)
  akt.within(3600, akt.ask, server, "hold")
end

function Cell.on:probe(duration)
  local overshoot, stop = {}, akt.clock() + duration
  repeat
    local start = akt.clock()
    akt.sleep(0.001)
    local now = akt.clock()
    overshoot[#overshoot + 1] = now - start - 0.001
  until now >= stop
  return overshoot
end

local Driver = akt.actor "gc_driver"    -- sends the paced stream

function Driver.on:cells(cells) self.cells = cells end

function Driver.on:run(per_second, duration)
  self.rate, self.duration = per_second, duration
  self.sent, self.start = 0, akt.clock()
  self.done = akt.defer()
  self.timer = akt.every(TICK, "tick")
end

-- What is due is computed from the clock, because missed ticks merge. The
-- step through the cells is a prime, so each is met before one is met twice.
function Driver.on:tick()
  local elapsed = math.min(akt.clock() - self.start, self.duration)
  local due = math.floor(elapsed * self.rate)
  while self.sent < due do
    self.sent = self.sent + 1
    self.cells[self.sent * 7919 % #self.cells + 1]:send("touch", self.sent)
  end
  if elapsed >= self.duration then
    self.timer:cancel()
    self.done:reply(self.sent, akt.clock() - self.start)
  end
end

local function percentile(sorted, p)
  return sorted[math.max(1, math.ceil(#sorted * p))]
end

local function report(name, times)
  table.sort(times)
  print(string.format("gc.%s_p99  %.3f ms", name,
                      percentile(times, 0.99) * 1e3))
  print(string.format("gc.%s_max  %.3f ms", name, times[#times] * 1e3))
end

-- Set-up: every hundredth actor waits, 16 of the others are probes.
local server = akt.spawn(Server)
local cells, waiting, probes = {}, 0, {}
local probe_step = math.max(count // PROBES, 2)
for i = 1, count do
  local pid = akt.spawn(Cell, i)
  if i % 100 == 0 then
    waiting = waiting + 1
    pid:send("wait", server)
  elseif i % probe_step == 1 then
    probes[#probes + 1] = pid
  else
    cells[#cells + 1] = pid
  end
end
while server:ask("held") < waiting do akt.sleep(0.01) end

local driver = akt.spawn(Driver)
driver:ask("cells", cells)

local overshoots, ask_times, sent, took
akt.within(seconds + 600, function()
  local stream = akt.async(driver, "run", rate, seconds)
  local watch = {}
  for i, pid in ipairs(probes) do
    watch[i] = akt.async(pid, "probe", seconds)
  end
  ask_times = {}
  local stop, i = akt.clock() + seconds, 0
  repeat
    i = i + 1
    local start = akt.clock()
    cells[i * 104729 % #cells + 1]:ask("seen")
    ask_times[i] = akt.clock() - start
    akt.sleep(0.001)
  until akt.clock() >= stop
  sent, took = stream:wait()
  overshoots = {}
  for _, future in ipairs(watch) do
    for _, t in ipairs(future:wait()) do overshoots[#overshoots + 1] = t end
  end
end)

server:send("release")
local handled = 0
for _, pid in ipairs(cells) do handled = handled + pid:ask("seen") end
assert(handled == sent, "messages were lost")

print(string.format("gc.rate  %.0f messages/s", handled / took))
report("sleep", overshoots)
report("ask", ask_times)
