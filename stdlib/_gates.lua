-- SPDX-License-Identifier: MIT
--
-- stdlib/_gates.lua: circuit breakers, rate limiters and retries. The states
-- that all actors of the node share are in C (vm/gates.h); here is how a call
-- passes through them.

local akt, core, G = ...

local type, error, select, next = type, error, select, next
local setmetatable, xpcall = setmetatable, xpcall
local pack, unpack = table.pack, table.unpack
local random, min = G.math.random, G.math.min
local traceback = debug.traceback

local lib = core.lib("gates")

local M = { state = lib.breaker_state, try = lib.limiter_try }

local function fail(code, message) error(core.error(code, message), 0) end

---------------------------------------------------------------------------
-- Breakers
---------------------------------------------------------------------------

--- A circuit breaker: `b:call(f, ...)`, `b:state()`, `b:metrics()`.
---@param options? akt.breaker_options
---@return akt.breaker
function M.breaker(options) return lib.breaker(options or {}) end

local leaving = {
  __close = function(c, err)
    lib.breaker_leave(c.breaker, c.ticket, c.done, err, c.limit)
  end,
}

local function done(c, ...)
  c.done = true
  return ...
end

local function rejected(breaker, has_fallback, left, name, ...)
  local what = name and "breaker \"" .. name .. "\"" or "the breaker"
  local err = core.error("breaker_open", what .. " is open: not called")
  err.retry_after = left
  if has_fallback then return lib.breaker_fallback(breaker)(err, ...) end
  error(err, 0)
end

--- Runs `f(...)` and counts how it ends; raises `breaker_open` instead, or runs
--- the fallback, when too many have failed.
---@param breaker akt.breaker
---@param f fun(...): ...
function M.call(breaker, f, ...)
  if type(f) ~= "function" then
    fail("bad_argument", "call: a function is expected, got " .. type(f))
  end
  local ticket, a, b, c = lib.breaker_enter(breaker)
  if not ticket then return rejected(breaker, a, b, c, ...) end
  local call <close> = setmetatable(
    { breaker = breaker, ticket = ticket, limit = b }, leaving)
  if a then return done(call, akt.within(a, f, ...)) end
  return done(call, f(...))
end

function M.metrics(gate)
  if lib.gate_type(gate) == "limiter" then
    return lib.limiter_metrics(gate)
  end
  return lib.breaker_metrics(gate)
end

---------------------------------------------------------------------------
-- Limiters
---------------------------------------------------------------------------

--- A rate limiter: `l:take(n?)`, `l:try(n?)`, `l:metrics()`.
---@return akt.limiter
function M.limiter(options) return lib.limiter(options) end

--- Takes n tokens and waits for its turn.
function M.take(limiter, n)
  local wait = lib.limiter_take(limiter, n)
  if wait > 0 then akt.sleep(wait) end
end

---------------------------------------------------------------------------
-- Retries
---------------------------------------------------------------------------

local function count(value, name, otherwise)
  if value == nil then return otherwise end
  if G.math.type(value) ~= "integer" or value < 1 then
    fail("bad_option", name .. " must be a whole number, 1 or more, not " ..
         G.tostring(value))
  end
  return value
end

local function pauses(value)
  if value == nil then return 0.1, 2 end
  if type(value) ~= "table" then value = { value, value } end
  local first = core.seconds(value[1], "backoff")
  local most = core.seconds(value[2] or value[1], "backoff")
  if most < first then
    fail("bad_option", "backoff is { first, longest }, and the longest " ..
         "pause must not be the shorter one")
  end
  return first, most
end

local function codes(list)
  if list == nil then return nil end
  if type(list) == "string" then list = { list } end
  local set = {}
  for i = 1, type(list) == "table" and #list or 0 do
    if type(list[i]) == "string" then set[list[i]] = true end
  end
  if next(set) == nil then
    fail("bad_option", "on must be a list of error codes, like { \"timeout\" }")
  end
  return set
end

local function jitter(value)
  if value == nil then return 0.2 end
  if type(value) ~= "number" or not (value >= 0 and value <= 1) then
    fail("bad_option", "jitter must be a number from 0 to 1, not " ..
         G.tostring(value))
  end
  return value
end

--- Options of a retry, checked, with the defaults filled in.
function M.retry_options(options)
  options = options or {}
  core.check_options("retry", options, "tries", "backoff", "jitter", "on",
                     "within")
  local o = { tries = count(options.tries, "tries", 3),
              on = codes(options.on), jitter = jitter(options.jitter) }
  o.first, o.most = pauses(options.backoff)
  if options.within ~= nil then
    o.within = core.seconds(options.within, "within")
  end
  return o
end

local function to_table(err)
  if type(err) == "table" then return err end
  return { code = "error", message = core.message(err),
           traceback = traceback("", 2) }
end

-- The last error, and how often it was tried; a copy, since the error may be
-- somebody else's.
local function give_up(err, tries)
  local copy = {}
  for k, v in next, err do copy[k] = v end
  core.copy_meta(err, copy)
  G.rawset(copy, "tries", tries)
  error(copy, 0)
end

local function is_worth_it(o, err)
  local code = G.rawget(err, "code")
  if G.rawget(err, "inherited") or code == "interrupted" then return false end
  return o.on == nil or code ~= nil and o.on[code] == true
end

-- The pause after try number i: doubled each time, and a part of it random.
local function pause_after(o, i)
  local pause = min(o.most, o.first * 2.0 ^ min(i - 1, 60))
  return pause * (1 + o.jitter * (2 * random() - 1))
end

local function attempts(o, f, ...)
  local i = 0
  while true do
    i = i + 1
    local r = pack(xpcall(f, to_table, ...))
    if r[1] then return unpack(r, 2, r.n) end
    if i >= o.tries or not is_worth_it(o, r[2]) then give_up(r[2], i) end
    local pause, left = pause_after(o, i), core.time_left()
    if left and pause >= left then give_up(r[2], i) end
    akt.sleep(pause)
  end
end

function M.attempts(o, f, ...)
  if o.within then return akt.within(o.within, attempts, o, f, ...) end
  return attempts(o, f, ...)
end

--- Calls `f(...)` until it does not raise; the last error has `tries`.
---@param options akt.retry_options
---@param f fun(...): ...
function M.retry(options, f, ...)
  if type(f) ~= "function" then
    fail("bad_argument", "retry: options and a function are expected")
  end
  return M.attempts(M.retry_options(options), f, ...)
end

return M
