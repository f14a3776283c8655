-- SPDX-License-Identifier: MIT
-- Savina 12, Sleeping Barber: barber [haircuts] [seats] [production]
-- [haircut]. Who finds no seat is sent in again at once. Production and
-- haircut are the longest waits, in steps of the generator.

local akt = require "akt"
local savina = require "savina"

local haircuts, seats, production, haircut = savina.args(5000, 1000, 1000, 1000)

local Customer = akt.actor "customer"

function Customer:init(factory) self.factory = factory end
function Customer.on:full() self.factory:send("returned", akt.self()) end
function Customer.on:wait() end
function Customer.on:start() end

function Customer.on:done()
  self.factory:send("done")
  akt.stop()
end

local Barber = akt.actor "barber"

function Barber:init() self.random, self.cut = savina.random(), 0 end

function Barber.on:enter(customer)
  customer:send("start")
  savina.busy_wait(self.random(haircut) + 10)
  self.cut = self.cut + 1
  customer:send("done")
  akt.sender():send("next")
end

function Barber.on:wait() end

function Barber.on:exit(main)
  main:send("done", self.cut)
  akt.stop()
end

local Room = akt.actor "waiting_room"

function Room:init(barber)
  self.barber, self.asleep = barber, true
  self.queue, self.first, self.last = {}, 1, 0
end

function Room.on:enter(customer)
  if self.last - self.first + 1 == seats then return customer:send("full") end
  self.last = self.last + 1
  self.queue[self.last] = customer
  if self.asleep then
    self.asleep = false
    akt.self():send("next")
  else
    customer:send("wait")
  end
end

function Room.on:next()
  local customer = self.queue[self.first]
  if customer then
    self.queue[self.first] = nil
    self.first = self.first + 1
    self.barber:send("enter", customer)
  else
    self.asleep = true
    self.barber:send("wait")
  end
end

function Room.on:exit(main)
  self.barber:send("exit", main)
  akt.stop()
end

local Factory = akt.actor "customer_factory"

function Factory:init(room, main)
  self.room, self.main, self.missing = room, main, haircuts
end

function Factory.on:start()
  local random = savina.random()
  for _ = 1, haircuts do
    self.room:send("enter", akt.spawn(Customer, akt.self()))
    savina.busy_wait(random(production) + 10)
  end
end

function Factory.on:returned(customer) self.room:send("enter", customer) end

function Factory.on:done()
  self.missing = self.missing - 1
  if self.missing > 0 then return end
  self.room:send("exit", self.main)
  akt.stop()
end

savina.run {
  name = "barber", unit = "haircuts/s", work = haircuts, check = haircuts,
  once = function()
    local room = akt.spawn(Room, akt.spawn(Barber))
    akt.spawn(Factory, room, akt.self()):send("start")
    return akt.receive { done = function(cut) return cut end }
  end,
}
