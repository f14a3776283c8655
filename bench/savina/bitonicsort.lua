-- SPDX-License-Identifier: MIT
-- Savina 30, Bitonic Sort: bitonicsort [values, a power of 2] [seed]. A network
-- of actors, built in each iteration and as in the suite: every comparison,
-- split, join and conversion between two of them is an actor. An exit follows
-- the values and ends one after the other; so none is another one's child.

local akt = require "akt"
local savina = require "savina"

local values, seed = savina.args(4096, 2048)

local LONG = { detached = true, init = { timeout = 600 } }

local function spawn(kind, ...)
  return akt.spawn_opt(LONG, kind, ...)
end

-- Passes everything on, and ends with the exit. `value` messages hold a value,
-- `data` messages say besides which of several senders it comes from.
local function passes_on(kind)
  function kind.on:value(v) self.next:send("value", v) end
  function kind.on:exit()
    self.next:send("exit")
    akt.stop()
  end
  return kind
end

local ToData = passes_on(akt.actor "value_to_data")
function ToData:init(id, next_pid) self.id, self.next = id, next_pid end
function ToData.on:value(v) self.next:send("data", self.id, v) end

local ToValue = passes_on(akt.actor "data_to_value")
function ToValue:init(next_pid) self.next = next_pid end
function ToValue.on:data(_, v) self.next:send("value", v) end

-- Deals runs of `length` values out among its receivers.
local Splitter = akt.actor "splitter"

function Splitter:init(length, receivers)
  self.length, self.receivers, self.at, self.run = length, receivers, 1, 0
end

function Splitter.on:value(v)
  self.receivers[self.at]:send("value", v)
  self.run = self.run + 1
  if self.run == self.length then
    self.at, self.run = self.at % #self.receivers + 1, 0
  end
end

function Splitter.on:exit()
  for _, receiver in ipairs(self.receivers) do receiver:send("exit") end
  akt.stop()
end

-- Takes runs of `length` values from its senders by turns.
local Joiner = akt.actor "joiner"

function Joiner:init(length, senders, next_pid)
  self.length, self.missing, self.next = length, senders, next_pid
  self.queues, self.at, self.run = {}, 1, 0
  for i = 1, senders do self.queues[i] = { first = 1, last = 0 } end
end

function Joiner.on:data(id, v)
  local queue = self.queues[id]
  queue.last = queue.last + 1
  queue[queue.last] = v
  self:forward()
end

function Joiner:forward()
  local queue = self.queues[self.at]
  while queue.first <= queue.last do
    self.next:send("value", queue[queue.first])
    queue[queue.first] = nil
    queue.first, self.run = queue.first + 1, self.run + 1
    if self.run == self.length then
      self.at, self.run = self.at % #self.queues + 1, 0
      queue = self.queues[self.at]
    end
  end
end

function Joiner.on:exit()
  self.missing = self.missing - 1
  if self.missing > 0 then return end
  self.next:send("exit")
  akt.stop()
end

-- Puts two values in order.
local Comparator = passes_on(akt.actor "comparator")

function Comparator:init(id, up, next_pid)
  self.id, self.up, self.next = id, up, next_pid
end

function Comparator.on:value(v)
  local first = self.first
  if not first then
    self.first = v
    return
  end
  self.first = nil
  if (first <= v) ~= self.up then first, v = v, first end
  self.next:send("data", self.id, first)
  self.next:send("data", self.id, v)
end

-- Two halves of a bitonic sequence: none of the first is after one of the
-- second.
local Partition = passes_on(akt.actor "partition")

function Partition:init(id, length, up, next_pid)
  local joiner = spawn(Joiner, 1, length // 2, spawn(ToData, id, next_pid))
  local workers = {}
  for i = 1, length // 2 do workers[i] = spawn(Comparator, i, up, joiner) end
  self.next = spawn(Splitter, 1, workers)
end

-- One step of a merge: partitions side by side. The direction changes after
-- every `turn` of them; in the last merge it does not.
local Step = passes_on(akt.actor "step_of_merge")

function Step:init(length, partitions, turn, next_pid)
  if turn then next_pid = spawn(ToValue, next_pid) end
  local joiner, workers = spawn(Joiner, length, partitions, next_pid), {}
  for i = 1, partitions do
    local up = not turn or (i - 1) // turn % 2 == 0
    if length > 2 then
      workers[i] = spawn(Partition, i, length, up, joiner)
    else
      workers[i] = spawn(Comparator, i, up, joiner)
    end
  end
  self.next = spawn(Splitter, length, workers)
end

-- Sorts pieces of `length`, up and down by turns, in steps.
local Stage = passes_on(akt.actor "merge_stage")

function Stage:init(length, next_pid)
  local i = length // 2
  while i >= 1 do
    next_pid = spawn(Step, length // i, values // length * i,
                     length < values and i or nil, next_pid)
    i = i // 2
  end
  self.next = next_pid
end

local Kernel = passes_on(akt.actor "bitonic_kernel")

function Kernel:init(next_pid)
  local length = values
  while length >= 2 do
    next_pid = spawn(Stage, length, next_pid)
    length = length // 2
  end
  self.next = next_pid
end

local Source = passes_on(akt.actor "int_source")

function Source:init(next_pid) self.next = next_pid end

function Source.on:start()
  local random = savina.random(seed)
  for _ = 1, values do self.next:send("value", random()) end
  akt.self():send("exit")
end

local Validation = akt.actor "validation"

function Validation:init(main)
  self.main, self.sum, self.count, self.last = main, 0, 0, -1
end

function Validation.on:value(v)
  assert(v >= self.last, "a value is out of place")
  self.last, self.sum, self.count = v, self.sum + v, self.count + 1
end

function Validation.on:exit()
  savina.expect("values", self.count, values)
  self.main:send("done", self.sum)
  akt.stop()
end

local function sum_of_values()
  local random, sum = savina.random(seed), 0
  for _ = 1, values do sum = sum + random() end
  return sum
end

savina.run {
  name = "bitonicsort", unit = "values/s", work = values,
  check = sum_of_values(),
  once = function()
    local sorted = spawn(ToValue, spawn(Validation, akt.self()))
    spawn(Source, spawn(Kernel, sorted)):send("start")
    return akt.receive { done = function(sum) return sum end }
  end,
}
