-- SPDX-License-Identifier: MIT
-- Savina 23, Recursive Matrix Multiplication: recmatmul [length] [threshold]
-- [workers]. Blocks are split in four until they have `threshold` elements. The
-- suite's workers write to one array; here A and B are shared data, and a part
-- of the product belongs to the one worker that is sent all its blocks.

local akt = require "akt"
local savina = require "savina"

local length, threshold, workers = savina.args(1024, 16384, 20)

local function matrix(element)
  local rows = {}
  for i = 0, length - 1 do
    local row = {}
    for j = 0, length - 1 do row[j + 1] = element(i, j) end
    rows[i + 1] = row
  end
  return rows
end

akt.shared("matmul_a", matrix(function(i) return i * 1.0 end))
akt.shared("matmul_b", matrix(function(_, j) return j * 1.0 end))

-- A copy of a block, for quick access.
local function block_of(name, first_row, first_column, dim)
  local rows, block = akt.shared(name), {}
  for i = 1, dim do
    local from, row = rows[first_row + i], {}
    for j = 1, dim do row[j] = from[first_column + j] end
    block[i] = row
  end
  return block
end

-- c = c + a * b
local function multiply(c, a, b, dim)
  for i = 1, dim do
    local row, a_row = c[i] or {}, a[i]
    for j = 1, dim do
      local sum = row[j] or 0.0
      for k = 1, dim do sum = sum + a_row[k] * b[k][j] end
      row[j] = sum
    end
    c[i] = row
  end
end

local Worker = akt.actor "worker"

function Worker:init(master) self.master, self.parts = master, {} end

function Worker:split(a_row, a_column, b_row, b_column, c_row, c_column, dim)
  local half = dim // 2
  for i = 0, half, half do
    for j = 0, half, half do
      for k = 0, half, half do
        self.master:send("work", a_row + i, a_column + k, b_row + k,
                         b_column + j, c_row + i, c_column + j, half)
      end
    end
  end
end

function Worker.on:work(a_row, a_column, b_row, b_column, c_row, c_column, dim)
  if dim * dim > threshold then
    self:split(a_row, a_column, b_row, b_column, c_row, c_column, dim)
  else
    local key = c_row * length + c_column
    self.parts[key] = self.parts[key] or {}
    multiply(self.parts[key], block_of("matmul_a", a_row, a_column, dim),
             block_of("matmul_b", b_row, b_column, dim), dim)
  end
  self.master:send("done")
end

-- Checks each element of its parts of the product, and counts them.
local function count_right(parts)
  local count = 0
  for key, part in pairs(parts) do
    local first_row, first_column = key // length, key % length
    for i, row in ipairs(part) do
      for j, value in ipairs(row) do
        local wanted = 1.0 * length * (first_row + i - 1) * (first_column + j - 1)
        savina.expect("element", value, wanted)
        count = count + 1
      end
    end
  end
  return count
end

function Worker.on:stop()
  self.master:send("stopped", count_right(self.parts))
  akt.stop()
end

local Master = akt.actor "master"

function Master:init(main)
  self.main, self.crew, self.missing = main, {}, workers
  self.sent, self.done, self.elements = 0, 0, 0
end

function Master:send_work(...)
  local _, _, _, _, c_row, c_column = ...
  self.sent = self.sent + 1
  self.crew[(c_row + c_column) % workers + 1]:send("work", ...)
end

function Master.on:start()
  for i = 1, workers do self.crew[i] = akt.spawn(Worker, akt.self()) end
  self:send_work(0, 0, 0, 0, 0, 0, length)
end

function Master.on:work(...) self:send_work(...) end

function Master.on:done()
  self.done = self.done + 1
  if self.done < self.sent then return end
  for _, worker in ipairs(self.crew) do worker:send("stop") end
end

function Master.on:stopped(elements)
  self.elements, self.missing = self.elements + elements, self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.elements)
  akt.stop()
end

savina.run {
  name = "recmatmul", unit = "madds/s", work = length ^ 3 // 1 | 0,
  check = length * length,
  once = function()
    akt.spawn(Master, akt.self()):send("start")
    return akt.receive { done = function(elements) return elements end }
  end,
}
