-- SPDX-License-Identifier: MIT
-- Savina 21, Trapezoidal Approximation: trapezoid [pieces] [workers]: the area
-- under a function from 1 to 5, to three decimals.

local akt = require "akt"
local savina = require "savina"

local pieces, workers = savina.args(10000000, 100)

local LEFT, RIGHT = 1, 5

local sin, sqrt, exp = math.sin, math.sqrt, math.exp

local function f(x)
  return sin(x ^ 3 - 1) / (x + 1) * sqrt(1 + exp(sqrt(2 * x)))
end

-- By Simpson's rule, to check the actors.
local function expected()
  local n, sum = 10000, f(LEFT) + f(RIGHT)
  local h = (RIGHT - LEFT) / n
  for i = 1, n - 1 do sum = sum + (i % 2 == 1 and 4 or 2) * f(LEFT + i * h) end
  return ("%.3f"):format(sum * h / 3)
end

local Worker = akt.actor "worker"

function Worker.on:work(left, right, h)
  local area = 0.0
  for i = 0, math.floor((right - left) / h + 0.5) - 1 do
    local x = i * h + left
    area = area + 0.5 * (f(x) + f(x + h)) * h
  end
  akt.sender():send("result", area)
  akt.stop()
end

local Master = akt.actor "master"

function Master:init(main) self.main, self.missing, self.area = main, workers, 0.0 end

function Master.on:work(left, right, h)
  local range = (right - left) / workers
  for i = 0, workers - 1 do
    local from = left + range * i
    akt.spawn(Worker):send("work", from, from + range, h)
  end
end

function Master.on:result(area)
  self.area, self.missing = self.area + area, self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.area)
  akt.stop()
end

savina.run {
  name = "trapezoid", unit = "pieces/s", work = pieces,
  check = expected(),
  once = function()
    akt.spawn(Master, akt.self()):send("work", LEFT, RIGHT,
                                       (RIGHT - LEFT) / pieces)
    return akt.receive {
      done = function(area) return ("%.3f"):format(area) end,
    }
  end,
}
