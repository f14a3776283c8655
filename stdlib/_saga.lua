-- SPDX-License-Identifier: MIT
--
-- stdlib/_saga.lua: steps that are undone, in reverse order, when a later one
-- fails.
--
-- A step is forgotten at the moment its undo begins, so none runs twice,
-- whatever ends the undoing: an error, or a stop of the actor, which then
-- closes the saga and undoes the rest.

local akt, core, G = ...

local type, error, next, unpack = type, error, next, table.unpack
local setmetatable, xpcall, pack = setmetatable, xpcall, table.pack
local traceback = debug.traceback

local M = {}

local UNDO_S = 5 -- for each undo, its retries included
local UNDO_RETRY = { tries = 3, backoff = { 0.1, 1 } }

local function fail(code, message) error(core.error(code, message), 0) end

local function to_table(err)
  if type(err) == "table" then return err end
  return { code = "error", message = core.message(err),
           traceback = traceback("", 2) }
end

---------------------------------------------------------------------------
-- Steps
---------------------------------------------------------------------------

local Saga = {}
Saga.__index = Saga

local function check_step(act, undo, options)
  if type(act) ~= "function" then
    fail("bad_argument", "step: a function is expected, got " .. type(act))
  end
  if undo ~= nil and type(undo) ~= "function" then
    fail("bad_argument", "step: the undo must be a function or nil, got " ..
         type(undo))
  end
  core.check_options("a step", options, "name", "retry", "within",
                     "undo_retry", "undo_within", "unsure")
  if options.name ~= nil and type(options.name) ~= "string" then
    fail("bad_option", "name must be a string, not " .. type(options.name))
  end
end

local function seconds(value, name)
  return value ~= nil and core.seconds(value, name) or nil
end

local function new_step(saga, undo, options)
  local gates = core.part("_gates")
  saga.count = saga.count + 1
  return {
    number = saga.count, name = options.name, undo = undo, args = { n = 0 },
    retry = gates.retry_options(options.undo_retry or UNDO_RETRY),
    within = seconds(options.undo_within, "undo_within") or UNDO_S,
  }
end

-- act, as the options want it.
local function prepare(act, options)
  local f, within = act, seconds(options.within, "within")
  if options.retry then
    local gates = core.part("_gates")
    local retry = gates.retry_options(options.retry)
    f = function() return gates.attempts(retry, act) end
  end
  if within then return function() return akt.within(within, f) end end
  return f
end

--- Runs `act()` and returns what it returns. If the saga fails later, `undo`
--- is called with these values.
function Saga:step(act, undo, options)
  options = options or {}
  check_step(act, undo, options)
  if self.state ~= "running" then
    fail("bad_argument", "step: the saga is over")
  end
  local f, step = prepare(act, options), new_step(self, undo, options)
  local steps = self.steps
  if options.unsure then steps[#steps + 1] = step end
  step.args = pack(f())
  if not options.unsure then steps[#steps + 1] = step end
  return unpack(step.args, 1, step.args.n)
end

---------------------------------------------------------------------------
-- Undoing
---------------------------------------------------------------------------

local own_time = { __close = function(d) core.restore_deadline(d[1]) end }

-- Whatever deadline is in force, which may be why the saga failed.
local function run_undo(step, may_wait)
  local d <close> = setmetatable({ core.set_deadline(step.within, true) },
                                 own_time)
  if not may_wait then return step.undo(unpack(step.args, 1, step.args.n)) end
  return core.part("_gates").attempts(step.retry, step.undo,
                                      unpack(step.args, 1, step.args.n))
end

local function report(step, err)
  akt.log.error { "saga: a compensation failed", step = step.number,
                  name = step.name, code = err.code,
                  message = core.message(err), tries = err.tries }
  return { step = step.number, name = step.name, code = err.code,
           message = core.message(err), tries = err.tries }
end

-- The steps that could not be undone, or nil.
local function undo_all(saga, may_wait)
  local steps, failed = saga.steps, nil
  saga.state = "undoing"
  while #steps > 0 do
    local step = steps[#steps]
    steps[#steps] = nil
    if step.undo then
      local ok, err = xpcall(run_undo, to_table, step, may_wait)
      if ok then
        saga.undone = saga.undone + 1
      else
        failed = failed or {}
        failed[#failed + 1] = report(step, err)
      end
    end
  end
  saga.state = "over"
  return failed
end

-- The error of the saga, a copy with what became of the steps.
local function verdict(saga, err, failed)
  local copy = {}
  for k, v in next, err do copy[k] = v end
  core.copy_meta(err, copy)
  G.rawset(copy, "undone", saga.undone)
  G.rawset(copy, "failed", failed)
  return nil, copy
end

-- Only a stop of the actor comes here before the saga is over.
local closing = {
  __close = function(c)
    if c.saga.state ~= "over" then undo_all(c.saga, core.can_wait()) end
  end,
}

--- Runs `f(s, ...)`; when it raises, the steps made so far are undone in
--- reverse order, and the result is `nil, err`.
---@param f fun(s: akt.saga, ...): ...
---@return any ...
function M.saga(f, ...)
  if type(f) ~= "function" then
    fail("bad_argument", "saga: a function is expected, got " .. type(f))
  end
  local saga = setmetatable(
    { steps = {}, count = 0, undone = 0, state = "running" }, Saga)
  local guard <close> = setmetatable({ saga = saga }, closing)
  local r = pack(xpcall(f, to_table, saga, ...))
  if r[1] then
    saga.state = "over"
    return unpack(r, 2, r.n)
  end
  return verdict(saga, r[2], undo_all(saga, core.can_wait()))
end

return M
