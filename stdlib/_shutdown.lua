-- SPDX-License-Identifier: MIT
--
-- stdlib/_shutdown.lua: akt.on_shutdown: what an actor does at the end of the
-- program, after its terminate. Loaded on first use.

local akt, core = ...

local type, error, pcall, ipairs = type, error, pcall, ipairs
local sort, floor = table.sort, math.floor
local getinfo = debug.getinfo

local M = {}

local TRIES, PAUSE_S = 3, 1 -- of "retry"
local SHARE = 0.8 -- of the time that is left; so that what hangs is reported
local actions = { fail = true, retry = true, skip = true }

local function fail(message) error(core.error("bad_option", message), 0) end

local function check_tries(opts)
  local tries = opts.tries
  if tries == nil then return opts.on_error == "retry" and TRIES or 1 end
  if type(tries) ~= "number" or tries < 1 or tries ~= floor(tries) then
    fail("on_shutdown tries must be a whole number, 1 or more")
  end
  return tries
end

function M.on_shutdown(fn, opts)
  if type(fn) ~= "function" then
    error(core.error("bad_argument", "on_shutdown: a function is expected"), 0)
  end
  opts = opts or {}
  core.check_options("on_shutdown", opts, "priority", "on_error", "tries",
                     "pause")
  local action = opts.on_error or "skip"
  if not actions[action] then
    fail('on_shutdown on_error must be one of "fail", "retry", "skip"')
  end
  local priority = opts.priority or 0
  if type(priority) ~= "number" then
    fail("on_shutdown priority must be a number")
  end
  core.on_shutdown({
    fn = fn, priority = priority, fails = action ~= "skip",
    tries = check_tries(opts),
    pause = core.seconds(opts.pause or PAUSE_S, "on_shutdown pause"),
  })
end

local function try(hook)
  local ok, err
  for i = 1, hook.tries do
    if i > 1 then akt.sleep(hook.pause) end
    ok, err = pcall(hook.fn)
    if ok then return true end
  end
  return false, err
end

-- Its waits end in time for those behind it.
local function try_in_time(hook)
  local seconds = core.exit_left() * SHARE
  local ends = akt.clock() + seconds
  local fair, ok, err = pcall(akt.within, seconds, try, hook)
  if not fair then ok, err = false, ok end
  if not ok and akt.clock() >= ends then
    local at = getinfo(hook.fn, "S")
    err = core.error("timeout", "on_shutdown: the function at " ..
                     at.short_src .. ":" .. at.linedefined ..
                     " takes too long and was cut off")
  end
  return ok, err
end

-- The last one registered runs first, as what it uses was made before it.
local function in_order(hooks)
  local list = {}
  for i, hook in ipairs(hooks) do
    hook.index = i
    list[i] = hook
  end
  sort(list, function(a, b)
    if a.priority ~= b.priority then return a.priority > b.priority end
    return a.index > b.index
  end)
  return list
end

--- In the turn that is the actor's terminate; the first error is reported.
function M.run(hooks, reason, terminate, self)
  local ok, err = true, nil
  if terminate then ok, err = pcall(terminate, self, reason) end
  if core.exiting() then
    for _, hook in ipairs(in_order(hooks)) do
      local done, why = try_in_time(hook)
      if not done and ok then ok, err = false, why end
      if not done and hook.fails then
        core.exit_fails()
        break
      end
    end
  end
  if not ok then error(err, 0) end
end

return M
