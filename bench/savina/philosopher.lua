-- SPDX-License-Identifier: MIT
-- Savina 11, Dining Philosophers: philosopher [philosophers] [rounds]. An
-- arbitrator has the forks; who is denied them asks again at once.

local akt = require "akt"
local savina = require "savina"

local philosophers, rounds = savina.args(20, 10000)

local Philosopher = akt.actor "philosopher"

function Philosopher:init(id, arbitrator)
  self.id, self.arbitrator, self.eaten = id, arbitrator, 0
end

function Philosopher.on:start() self.arbitrator:send("hungry", self.id) end

function Philosopher.on:denied() self.arbitrator:send("hungry", self.id) end

function Philosopher.on:eat()
  self.eaten = self.eaten + 1
  self.arbitrator:send("done", self.id)
  if self.eaten < rounds then return akt.self():send("start") end
  self.arbitrator:send("exit", self.eaten)
  akt.stop()
end

local Arbitrator = akt.actor "arbitrator"

function Arbitrator:init(main)
  self.main, self.taken, self.eaten = main, {}, 0
  self.missing = philosophers
end

function Arbitrator.on:hungry(id)
  local taken, right = self.taken, id % philosophers + 1
  if taken[id] or taken[right] then return akt.sender():send("denied") end
  taken[id], taken[right] = true, true
  akt.sender():send("eat")
end

function Arbitrator.on:done(id)
  local taken, right = self.taken, id % philosophers + 1
  assert(taken[id] and taken[right], "a fork was not taken")
  taken[id], taken[right] = false, false
end

function Arbitrator.on:exit(eaten)
  self.eaten, self.missing = self.eaten + eaten, self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.eaten)
  akt.stop()
end

savina.run {
  name = "philosopher", unit = "meals/s", work = philosophers * rounds,
  check = philosophers * rounds,
  once = function()
    local arbitrator = akt.spawn(Arbitrator, akt.self())
    local table_round = {}
    for id = 1, philosophers do
      table_round[id] = akt.spawn(Philosopher, id, arbitrator)
    end
    for _, pid in ipairs(table_round) do pid:send("start") end
    return akt.receive { done = function(eaten) return eaten end }
  end,
}
