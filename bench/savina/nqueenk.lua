-- SPDX-License-Identifier: MIT
-- Savina 28, N-Queens: nqueenk [size] [threshold] [workers]. A worker puts one
-- more queen on a board and sends the master those that hold; from the
-- threshold on it searches alone. All solutions are found, one message each.

local akt = require "akt"
local savina = require "savina"

local size, threshold, workers = savina.args(12, 4, 20)

local SOLUTIONS = { 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712 }

-- Whether no two of the queens threaten each other.
local function is_valid(board, n)
  for i = 1, n do
    local p = board[i]
    local low, high = p, p
    for j = i + 1, n do
      local q = board[j]
      low, high = low - 1, high + 1
      if q == p or q == low or q == high then return false end
    end
  end
  return true
end

local Worker = akt.actor "worker"

function Worker:init(master) self.master = master end

function Worker:search(board, depth)
  if depth == size then return self.master:send("result") end
  local longer = {}
  for i = 1, size do
    table.move(board, 1, depth, 1, longer)
    longer[depth + 1] = i
    if is_valid(longer, depth + 1) then self:search(longer, depth + 1) end
  end
end

function Worker:split(board, depth)
  for i = 1, size do
    local longer = table.move(board, 1, depth, 1, {})
    longer[depth + 1] = i
    if is_valid(longer, depth + 1) then
      self.master:send("work", longer, depth + 1)
    end
  end
end

function Worker.on:work(board, depth)
  if depth == size or depth >= threshold then
    self:search(board, depth)
  else
    self:split(board, depth)
  end
  self.master:send("done")
end

function Worker.on:stop()
  self.master:send("stopped")
  akt.stop()
end

local Master = akt.actor "master"

function Master:init(main)
  self.main, self.crew, self.at = main, {}, 0
  self.sent, self.done, self.results, self.missing = 0, 0, 0, workers
end

function Master:send_work(board, depth)
  self.at, self.sent = self.at % workers + 1, self.sent + 1
  self.crew[self.at]:send("work", board, depth)
end

function Master.on:start()
  for i = 1, workers do self.crew[i] = akt.spawn(Worker, akt.self()) end
  self:send_work({}, 0)
end

function Master.on:work(board, depth) self:send_work(board, depth) end
function Master.on:result() self.results = self.results + 1 end

function Master.on:done()
  self.done = self.done + 1
  if self.done < self.sent then return end
  for _, worker in ipairs(self.crew) do worker:send("stop") end
end

function Master.on:stopped()
  self.missing = self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.results)
  akt.stop()
end

savina.run {
  name = "nqueenk", unit = "solutions/s", work = SOLUTIONS[size],
  check = SOLUTIONS[size],
  once = function()
    akt.spawn(Master, akt.self()):send("start")
    return akt.receive { done = function(results) return results end }
  end,
}
