-- SPDX-License-Identifier: MIT
-- Savina 9, Concurrent Sorted Linked List: concsll [workers] [messages each]
-- [percent of writes] [percent of sizes]. Each request goes along the list.

local akt = require "akt"
local savina = require "savina"

local workers, each, writes, sizes = savina.args(20, 8000, 10, 1)

-- A linked list: node n holds item[n], and next_of[n] is the node behind it.
-- Node 0 is in front of the first one. Nodes as tables take half as long again.
local function new_list() return { item = {}, next_of = { [0] = false } } end

local function add(list, new)
  local item, next_of = list.item, list.next_of
  local before, after = 0, next_of[0]
  while after and item[after] <= new do before, after = after, next_of[after] end
  local node = #item + 1
  item[node], next_of[node], next_of[before] = new, after, node
end

local function contains(list, wanted)
  local item, next_of = list.item, list.next_of
  local node = next_of[0]
  while node do
    if item[node] == wanted then return true end
    node = next_of[node]
  end
  return false
end

local function size(list)
  local n, node = 0, list.next_of[0]
  while node do n, node = n + 1, list.next_of[node] end
  return n
end

local function sorted_sum(list)
  local sum, last, node = 0, -1, list.next_of[0]
  while node do
    assert(list.item[node] >= last, "not sorted")
    last = list.item[node]
    sum, node = sum + last, list.next_of[node]
  end
  return sum
end

local List = akt.actor "list"

function List:init() self.list = new_list() end

function List.on:write(item)
  add(self.list, item)
  akt.sender():send("result")
end

function List.on:contains(item)
  akt.sender():send("result", contains(self.list, item))
end

function List.on:size() akt.sender():send("result", size(self.list)) end

function List.on:stop(main)
  main:send("list", size(self.list), sorted_sum(self.list))
  akt.stop()
end

local Worker = akt.actor "worker"

function Worker:init(id, list, main)
  self.list, self.main, self.left = list, main, each
  self.random = savina.random(id + each + writes + sizes)
  self.written, self.sum = 0, 0
end

function Worker:work()
  if self.left == 0 then
    self.main:send("done", self.written, self.sum)
    return akt.stop()
  end
  self.left = self.left - 1
  local percent = self.random(100)
  if percent < sizes then return self.list:send("size") end
  local item = self.random()
  if percent >= sizes + writes then return self.list:send("contains", item) end
  self.written, self.sum = self.written + 1, self.sum + item
  self.list:send("write", item)
end

function Worker.on:start() self:work() end
function Worker.on:result() self:work() end

-- How many items are written, and what they add up to.
local function all_written()
  local written, sum = 0, 0
  for id = 0, workers - 1 do
    local random = savina.random(id + each + writes + sizes)
    for _ = 1, each do
      local percent = random(100)
      local item = percent >= sizes and random()
      if item and percent < sizes + writes then
        written, sum = written + 1, sum + item
      end
    end
  end
  return written, sum
end

local written, sum = all_written()

savina.run {
  name = "concsll", unit = "messages/s", work = workers * each, check = sum,
  once = function()
    local list = akt.spawn(List)
    for id = 0, workers - 1 do
      akt.spawn(Worker, id, list, akt.self()):send("start")
    end
    for _ = 1, workers do akt.receive { done = function() end } end
    list:send("stop", akt.self())
    return akt.receive {
      list = function(n, total)
        savina.expect("size of the list", n, written)
        return total
      end,
    }
  end,
}
