-- SPDX-License-Identifier: MIT
-- Event stream processing: readings of sensors flow through stages that know
-- only topics, not each other.
--
--   sensors -> "readings" -> windows -> "averages" -> alarms, archive
--
-- The windows are a router: all readings of one sensor go to the same actor,
-- which may therefore keep a window of them. The archive is slow and has a
-- small mailbox: it misses some, is told how many, and holds nobody up.

local akt = require "akt"

local SENSORS, READINGS, WINDOW = 3, 40, 10
local readings, averages = akt.topic "readings", akt.topic "averages"

-- Averages over a window of readings, for each sensor that comes here.
local Window = akt.actor "window"
Window.accepts = { reading = { "string", "number" } }

function Window:init() self.windows = {} end

function Window.on:reading(sensor, value)
  local w = self.windows[sensor] or { n = 0, sum = 0 }
  self.windows[sensor] = w
  w.n, w.sum = w.n + 1, w.sum + value
  if w.n == WINDOW then
    self.windows[sensor] = nil
    averages:publish("average", sensor, w.sum / WINDOW)
  end
end

-- Remembers who was too hot.
local Alarm = akt.actor "alarm"
function Alarm:init(limit)
  self.limit, self.seen, self.hot = limit, 0, {}
  averages:subscribe()
end
function Alarm.on:average(sensor, value)
  self.seen = self.seen + 1
  if value > self.limit then self.hot[sensor] = (self.hot[sensor] or 0) + 1 end
end
function Alarm.on:report() return self.seen, self.hot end

-- Writes things down, slowly.
local Archive = akt.actor "archive"
Archive.mailbox = { max = 2 }
function Archive:init()
  self.written, self.missed = 0, 0
  averages:subscribe()
end
function Archive.on:average() akt.sleep(0.05); self.written = self.written + 1 end
function Archive.on:lagged(n) self.missed = self.missed + n end
function Archive.on:report() return self.written, self.missed end

-- Publishes readings: a wave around a base that differs from sensor to sensor.
local Sensor = akt.actor "sensor"
function Sensor.on:run(name, base)
  for i = 1, READINGS do
    readings:publish("reading", name, base + i % 4)
    akt.sleep(0.0001)
  end
end

local windows = akt.router {
  strategy = "consistent_hash", kind = Window, size = 2,
  key = function(_, sensor) return sensor end,
}
readings:subscribe(windows) -- a router subscribes like any actor
local alarm = akt.spawn(Alarm, 21)
local archive = akt.spawn(Archive)

local runs = {}
for i = 1, SENSORS do
  runs[i] = akt.async(akt.spawn(Sensor), "run", "sensor" .. i, 18 + i)
end
akt.all(table.unpack(runs))

-- All is in when all averages are: each stage says what it has had.
local total = SENSORS * READINGS // WINDOW
local seen, hot
repeat
  akt.sleep(0.01)
  seen, hot = alarm:ask("report")
until seen == total
local written, missed
repeat
  akt.sleep(0.05)
  written, missed = archive:ask("report")
until written + missed == total

local names = {}
for name in pairs(hot) do names[#names + 1] = name end
table.sort(names)
print("readings " .. readings:stats().published .. ", averages " .. seen)
for _, name in ipairs(names) do
  print("too hot: " .. name .. ", " .. hot[name] .. " windows")
end
print("archive: " .. written + missed .. " written or missed")
