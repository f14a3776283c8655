-- SPDX-License-Identifier: MIT
-- Savina 6, Chameneos: chameneos [creatures] [meetings]. They meet in pairs at
-- the mall and change their colours, until there were enough meetings.

local akt = require "akt"
local savina = require "savina"

local creatures, meetings = savina.args(100, 200000)

local COLORS = { "red", "yellow", "blue" }
local COMPLEMENT = {
  red = { red = "red", yellow = "blue", blue = "yellow" },
  yellow = { red = "blue", yellow = "yellow", blue = "red" },
  blue = { red = "yellow", yellow = "red", blue = "blue" },
}

local Creature = akt.actor "creature"

function Creature:init(mall, color)
  self.mall, self.color, self.meetings = mall, color, 0
  mall:send("meet", color)
end

function Creature:met(color)
  self.color, self.meetings = color, self.meetings + 1
end

function Creature.on:meet(other)
  self:met(COMPLEMENT[self.color][other])
  akt.sender():send("change", self.color)
  self.mall:send("meet", self.color)
end

function Creature.on:change(color)
  self:met(color)
  self.mall:send("meet", color)
end

function Creature.on:exit()
  self.mall:send("faded", self.meetings)
  akt.stop()
end

local Mall = akt.actor "mall"

function Mall:init(main) self.main, self.left = main, meetings end

function Mall.on:start()
  self.missing, self.sum = creatures, 0
  for i = 0, creatures - 1 do
    akt.spawn(Creature, akt.self(), COLORS[i % 3 + 1])
  end
end

function Mall.on:meet()
  if self.left == 0 then
    akt.sender():send("exit")
  elseif self.waiting then
    self.left = self.left - 1
    akt.forward(self.waiting)           -- its sender is whom they meet
    self.waiting = nil
  else
    self.waiting = akt.sender()
  end
end

function Mall.on:faded(count)
  self.missing, self.sum = self.missing - 1, self.sum + count
  if self.missing > 0 then return end
  self.main:send("done", self.sum)
  akt.stop()
end

savina.run {
  name = "chameneos", unit = "meetings/s", work = meetings,
  check = 2 * meetings,                 -- each counts for both
  once = function()
    akt.spawn(Mall, akt.self()):send("start")
    return akt.receive { done = function(sum) return sum end }
  end,
}
