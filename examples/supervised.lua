-- SPDX-License-Identifier: MIT
-- Let it crash: a worker fails, its supervisor starts it again with a fresh
-- state, and its clients go on using the same name and the same pid.
--
-- The crash report goes to stderr.

local akt = require "akt"

local Divider = akt.actor "divider"

function Divider:init(dividend)
  self.dividend = dividend
  self.jobs = 0
end

-- There is no defensive code here: integer division by zero is a bug of the
-- caller, raises an error, and ends this incarnation of the worker.
function Divider.on:divide(by)
  local quotient = self.dividend // by
  self.jobs = self.jobs + 1
  return quotient, self.jobs
end

local supervisor = akt.supervisor {
  strategy = "one_for_one",
  max = 3, within = 10,         -- more than 3 restarts in 10 s: give up
  { "divider", Divider, args = { 100 }, restart = "permanent" },
}

-- The child's id is its registered name, and a name is as good as a pid.
local function divide(by)
  local quotient, jobs = akt.ask("divider", "divide", by)
  print(string.format("100 // %d = %d (job %d of this worker)",
                      by, quotient, jobs))
end

local before = akt.whereis("divider")
divide(5)
divide(7)

-- An ask whose handler crashes fails at once, with a code that says why.
-- akt.try turns the error into a value.
local quotient, err = akt.try(divide, 0)
assert(quotient == nil)
print("100 // 0 failed: " .. err.code)

divide(3)                       -- counts from 1 again: the state is fresh
print("same pid: " .. tostring(akt.whereis("divider") == before))
print("restarts: " .. akt.info(before).restarts)

akt.stop(supervisor)            -- stops its children first
