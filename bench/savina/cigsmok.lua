-- SPDX-License-Identifier: MIT
-- Savina 13, Cigarette Smokers: cigsmok [rounds] [smokers]. An arbiter lets
-- one smoker begin after the other, chosen at random; each smokes for a while,
-- in steps of the generator.

local akt = require "akt"
local savina = require "savina"

local rounds, smokers = savina.args(1000, 200)

local Smoker = akt.actor "smoker"

function Smoker:init() self.smoked = 0 end

function Smoker.on:smoke(period)
  akt.sender():send("started")
  savina.busy_wait(period)
  self.smoked = self.smoked + period
end

function Smoker.on:exit()
  akt.sender():send("smoked", self.smoked)
  akt.stop()
end

-- Whom to choose next, and for how long.
local function choices()
  local random = savina.random(rounds * smokers)
  return function() return random(smokers) + 1, random(1000) + 10 end
end

local Arbiter = akt.actor "arbiter"

function Arbiter:init(main)
  self.main, self.choose, self.left = main, choices(), rounds
  self.crew, self.missing, self.smoked = {}, smokers, 0
end

function Arbiter:notify()
  local who, period = self.choose()
  self.crew[who]:send("smoke", period)
end

function Arbiter.on:start()
  for i = 1, smokers do self.crew[i] = akt.spawn(Smoker) end
  self:notify()
end

function Arbiter.on:started()
  self.left = self.left - 1
  if self.left > 0 then return self:notify() end
  for _, smoker in ipairs(self.crew) do smoker:send("exit") end
end

function Arbiter.on:smoked(n)
  self.smoked, self.missing = self.smoked + n, self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.smoked)
  akt.stop()
end

local function all_smoked()
  local choose, sum = choices(), 0
  for _ = 1, rounds do sum = sum + select(2, choose()) end
  return sum
end

savina.run {
  name = "cigsmok", unit = "rounds/s", work = rounds, check = all_smoked(),
  once = function()
    akt.spawn(Arbiter, akt.self()):send("start")
    return akt.receive { done = function(smoked) return smoked end }
  end,
}
