-- SPDX-License-Identifier: MIT
-- Savina 8, Concurrent Dictionary: concdict [workers] [messages each]
-- [percent of writes] [entries]. Each worker sends its next request when the
-- last is answered. Filling the dictionary does not count.

local akt = require "akt"
local savina = require "savina"

local workers, each, writes, entries = savina.args(20, 10000, 10, 524287)

-- The requests of a worker: percent, key, value.
local function requests(id)
  local random = savina.random(id + each + writes)
  return function()
    local percent = random(100)
    local key = (random() * 65536 + random()) % entries
    return percent, key, percent < writes and key + entries * random(1000)
  end
end

local Dictionary = akt.actor "dictionary"

function Dictionary:init()
  self.data, self.handled = {}, 0
  for key = 0, entries - 1 do self.data[key] = key end
end

function Dictionary.on:write(key, value)
  self.handled = self.handled + 1
  self.data[key] = value
  akt.sender():send("result", value)
end

function Dictionary.on:read(key)
  self.handled = self.handled + 1
  akt.sender():send("result", self.data[key])
end

function Dictionary.on:stop(main)
  main:send("handled", self.handled)
  akt.stop()
end

local Worker = akt.actor "worker"

function Worker:init(id, dictionary, main)
  self.dictionary, self.main = dictionary, main
  self.next, self.left, self.sum = requests(id), each, 0
end

function Worker:work()
  if self.left == 0 then
    self.main:send("done", self.sum)
    return akt.stop()
  end
  self.left = self.left - 1
  local percent, key, value = self.next()
  self.key, self.sum = key, self.sum + key
  if percent < writes then
    self.dictionary:send("write", key, value)
  else
    self.dictionary:send("read", key)
  end
end

function Worker.on:start() self:work() end

function Worker.on:result(value)      -- whoever wrote it, it fits the key
  savina.expect("value's key", value % entries, self.key)
  self:work()
end

-- What all keys must add up to.
local function sum_of_keys()
  local sum = 0
  for id = 0, workers - 1 do
    local next_request = requests(id)
    for _ = 1, each do sum = sum + select(2, next_request()) end
  end
  return sum
end

savina.run {
  name = "concdict", unit = "messages/s", work = workers * each,
  check = sum_of_keys(),
  setup = function() return akt.spawn(Dictionary) end,
  once = function(dictionary)
    local crew, sum = {}, 0
    for i = 1, workers do
      crew[i] = akt.spawn(Worker, i - 1, dictionary, akt.self())
      crew[i]:send("start")
    end
    for _ = 1, workers do
      akt.receive { done = function(n) sum = sum + n end }
    end
    dictionary:send("stop", akt.self())
    akt.receive {
      handled = function(n) savina.expect("handled", n, workers * each) end,
    }
    return sum
  end,
}
