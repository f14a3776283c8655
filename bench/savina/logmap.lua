-- SPDX-License-Identifier: MIT
-- Savina 14, Logistic Map Series: logmap [terms] [series]. Each series asks a
-- computer of its own for its next term; meanwhile other messages wait.

local akt = require "akt"
local savina = require "savina"

local terms, series = savina.args(25000, 10)

local RATE, INCREMENT = 3.46, 0.0025

local function next_term(term, rate) return rate * term * (1 - term) end

local Computer = akt.actor "computer"

function Computer:init(rate) self.rate = rate end
function Computer.on:compute(term) return next_term(term, self.rate) end

local Series = akt.actor "series"

function Series:init(computer, term) self.computer, self.term = computer, term end

function Series.on:next_term()
  self.term = self.computer:ask("compute", self.term)
end

function Series.on:get_term(main, id)
  main:send("term", id, self.term)
  akt.stop(self.computer)
  akt.stop()
end

-- All last terms added up in the order of the series, so that the sum is
-- exactly the same each time.
local function sum_of(last)
  local sum = 0.0
  for id = 1, series do sum = sum + last[id] end
  return ("%.12f"):format(sum)
end

local function expected()
  local last = {}
  for id = 1, series do
    local term, rate = (id - 1) * INCREMENT, RATE + (id - 1) * INCREMENT
    for _ = 1, terms do term = next_term(term, rate) end
    last[id] = term
  end
  return sum_of(last)
end

savina.run {
  name = "logmap", unit = "terms/s", work = terms * series,
  check = expected(),
  once = function()
    local crew, last = {}, {}
    for id = 1, series do
      local computer = akt.spawn(Computer, RATE + (id - 1) * INCREMENT)
      crew[id] = akt.spawn(Series, computer, (id - 1) * INCREMENT)
    end
    for _ = 1, terms do
      for _, one in ipairs(crew) do one:send("next_term") end
    end
    for id, one in ipairs(crew) do one:send("get_term", akt.self(), id) end
    for _ = 1, series do
      akt.receive { term = function(id, term) last[id] = term end }
    end
    return sum_of(last)
  end,
}
