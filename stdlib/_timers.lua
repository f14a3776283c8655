-- SPDX-License-Identifier: MIT
--
-- stdlib/_timers.lua: timers that are more than akt.after and akt.every: with
-- options, by the wall clock, listed.

local akt, core = ...

local type, select, error = type, select, error
local unpack = table.unpack

local lib = core.lib("timers")

local M = { pause = lib.pause, resume = lib.resume }

local function fail(code, message) error(core.error(code, message), 0) end

-- The last argument, an option table, and the others.
local function with_options(what, make, ...)
  local args, n = { ... }, select("#", ...)
  local opts = n > 1 and args[n] or nil
  if type(opts) ~= "table" then
    fail("bad_option", what .. ": the last argument must be an option table")
  end
  if what == "cron_opt" then
    core.check_options("a cron timer", opts, "to", "name", "tz")
  else
    core.check_options("a timer", opts, "to", "name")
  end
  return make(opts, unpack(args, 1, n - 1))
end

local function timer(every)
  return function(opts, seconds, ...)
    return lib.timer_opt(every, seconds, opts.to, opts.name, ...)
  end
end

local after, every = timer(false), timer(true)

local function cron(opts, expression, ...)
  return lib.cron(expression, opts.tz, opts.to, opts.name, ...)
end

-- Like akt.after, akt.every and akt.cron, with options as the last argument:
-- `{ to =, name = }`, and `tz =` for cron.
function M.after_opt(...) return with_options("after_opt", after, ...) end
function M.every_opt(...) return with_options("every_opt", every, ...) end
function M.cron_opt(...) return with_options("cron_opt", cron, ...) end

--- Sends `(tag, ...)` by the wall clock, in UTC.
---@param expression string 5, 6 or 7 fields
---@return akt.timer
function M.cron(expression, ...)
  return lib.cron(expression, nil, nil, nil, ...)
end

--- When the expression is due after a time (default now), or nil.
---@return integer?
function M.cron_next(expression, after_time, tz)
  return lib.cron_next(expression, tz, after_time)
end

--- The timers of this actor, or the one with this name or reference.
function M.timers(which)
  local list = lib.timers(which)
  if which ~= nil then return list[1] end
  return list
end

return M
