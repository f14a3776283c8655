-- SPDX-License-Identifier: MIT
-- Dining philosophers: five philosophers, five forks, each philosopher needs
-- both neighbouring forks to eat.
--
-- There is no deadlock because everyone takes the fork with the lower number
-- first: philosophers 1 to 4 begin with the fork on their left, the fifth with
-- the one on its right, so a circle of waiting philosophers cannot close.
--
--   aktvm philosophers.lua [meals] [philosophers, at least 2]

local akt = require "akt"

local meals, seats = ...
meals = tonumber(meals) or 20
seats = tonumber(seats) or 5

-- A fork is a lock: `take` is answered when the fork is in your hand. While
-- it is taken the askers wait in a queue, served in order.
local Fork = akt.actor "fork"

function Fork:init()
  self.taken = false
  self.queue = {}
end

function Fork.on:take()
  if self.taken then
    table.insert(self.queue, akt.defer())         -- reply later
  else
    self.taken = true
    return true
  end
end

function Fork.on:put_down()
  local waiting = table.remove(self.queue, 1)
  if waiting then
    waiting:reply(true)                           -- from hand to hand
  else
    self.taken = false
  end
end

local Philosopher = akt.actor "philosopher"

function Philosopher:init(left, right, first)
  self.left, self.right = left, right
  self.first = first == "left" and left or right
  self.second = first == "left" and right or left
end

-- The handler reads like sequential code: each ask and sleep waits without
-- keeping a thread busy.
function Philosopher.on:dine(count)
  for _ = 1, count do
    akt.sleep(0.0005)                             -- think
    self.first:ask("take")
    self.second:ask("take")
    akt.sleep(0.0005)                             -- eat
    self.second:send("put_down")
    self.first:send("put_down")
  end
  return count
end

local forks, philosophers = {}, {}
for i = 1, seats do forks[i] = akt.spawn(Fork) end
for i = 1, seats do
  philosophers[i] = akt.spawn(Philosopher, forks[i], forks[i % seats + 1],
                              i < seats and "left" or "right")
end

-- All dine at the same time; akt.all waits for every one of them. The whole
-- dinner may take a minute instead of the 5 s an ask has by default.
local eaten = akt.within(60, function()
  local dinners = {}
  for i, philosopher in ipairs(philosophers) do
    dinners[i] = akt.async(philosopher, "dine", meals)
  end
  return { akt.all(table.unpack(dinners)) }
end)

local total = 0
for i, count in ipairs(eaten) do
  print(string.format("philosopher %d ate %d times", i, count))
  total = total + count
end
print(total .. " meals, no deadlock")
