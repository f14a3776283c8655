-- SPDX-License-Identifier: MIT
-- Savina 10, Producer-Consumer with a bounded buffer: bndbuffer [buffer]
-- [producers] [consumers] [items each] [cost of producing] [of consuming]. A
-- unit of cost is 100 logarithms.

local akt = require "akt"
local savina = require "savina"

local buffer, producers, consumers, each, produce_cost, consume_cost =
  savina.args(50, 40, 40, 1000, 25, 25)

local function process(value, cost)
  local random, log = cost, math.log
  for _ = 1, cost * 100 do
    random = (random * 1309 + 13849) & 65535
    value = value + log(1 / (random + 1) + 0.01)
  end
  return value
end

-- A queue: items from `first` to `last`.
local function put(queue, item)
  queue.last = queue.last + 1
  queue[queue.last] = item
end

local function take(queue)
  local item = queue[queue.first]
  queue[queue.first] = nil
  if item ~= nil then queue.first = queue.first + 1 end
  return item
end

local function empty(queue) return queue.first > queue.last end
local function new_queue() return { first = 1, last = 0 } end

local Producer = akt.actor "producer"

function Producer:init(manager)
  self.manager, self.item, self.produced = manager, 0.0, 0
end

function Producer.on:produce()
  if self.produced == each then
    self.manager:send("produced", self.produced)
    return akt.stop()
  end
  self.item = process(self.item, produce_cost)
  self.produced = self.produced + 1
  self.manager:send("data", self.item)
end

local Consumer = akt.actor "consumer"

function Consumer:init(manager)
  self.manager, self.item, self.consumed = manager, 0.0, 0
end

function Consumer.on:data(item)
  self.item = process(self.item + item, consume_cost)
  self.consumed = self.consumed + 1
  self.manager:send("available")
end

function Consumer.on:exit()
  self.manager:send("consumed", self.consumed)
  akt.stop()
end

local Manager = akt.actor "manager"

function Manager:init(main)
  self.main, self.limit = main, math.max(buffer - producers, 1)
  self.waiting, self.free, self.data = new_queue(), new_queue(), new_queue()
  self.pending, self.idle, self.at_work = 0, consumers, producers
  self.produced, self.consumed, self.missing = 0, 0, consumers
end

function Manager.on:start()
  self.crew = {}
  for i = 1, consumers do
    self.crew[i] = akt.spawn(Consumer, akt.self())
    put(self.free, self.crew[i])
  end
  for _ = 1, producers do
    akt.spawn(Producer, akt.self()):send("produce")
  end
end

function Manager.on:data(item)
  local consumer = take(self.free)
  if consumer then
    self.idle = self.idle - 1
    consumer:send("data", item)
  else
    self.pending = self.pending + 1
    put(self.data, item)
  end
  if self.pending >= self.limit then
    put(self.waiting, akt.sender())
  else
    akt.sender():send("produce")
  end
end

function Manager.on:available()
  if empty(self.data) then
    self.idle = self.idle + 1
    put(self.free, akt.sender())
    return self:try_exit()
  end
  self.pending = self.pending - 1
  akt.sender():send("data", take(self.data))
  local producer = take(self.waiting)
  if producer then producer:send("produce") end
end

function Manager.on:produced(n)
  self.produced, self.at_work = self.produced + n, self.at_work - 1
  self:try_exit()
end

function Manager:try_exit()
  if self.at_work > 0 or self.idle < consumers then return end
  for _, consumer in ipairs(self.crew) do consumer:send("exit") end
end

function Manager.on:consumed(n)
  self.consumed, self.missing = self.consumed + n, self.missing - 1
  if self.missing > 0 then return end
  savina.expect("produced", self.produced, producers * each)
  self.main:send("done", self.consumed)
  akt.stop()
end

savina.run {
  name = "bndbuffer", unit = "items/s", work = producers * each,
  check = producers * each,
  once = function()
    akt.spawn(Manager, akt.self()):send("start")
    return akt.receive { done = function(consumed) return consumed end }
  end,
}
