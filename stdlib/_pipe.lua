-- SPDX-License-Identifier: MIT
--
-- stdlib/_pipe.lua: akt.pipe_to and akt.pipe_to_opt: a task whose results
-- become a message.

local akt, core = ...

local type, error, xpcall, tostring = type, error, xpcall, tostring
local pack, unpack = table.pack, table.unpack
local traceback = debug.traceback

local function fail(code, message) error(core.error(code, message), 0) end

-- An error as a table that can be sent.
local function as_error(err)
  if type(err) == "table" and type(err.code) == "string" then return err end
  return { code = "error", message = core.message(err) }
end

local function handler(err)
  if type(err) == "table" then return as_error(err) end
  return { code = "error", message = core.message(err),
           traceback = traceback("", 2) }
end

-- What an error holds may be nothing that can be sent.
local function send_failure(dest, tag, err)
  local plain = { code = tostring(err.code), message = tostring(err.message) }
  if xpcall(akt.send, handler, dest, tag, nil, err) then return end
  local ok, why = xpcall(akt.send, handler, dest, tag, nil, plain)
  if not ok then
    akt.log.warn { "the results of a pipe_to are lost", tag = tag,
                   code = why.code, error = why.message }
  end
end

local function run(dest, tag, f, ...)
  local r = pack(xpcall(f, handler, ...))
  if not r[1] then return send_failure(dest, tag, r[2]) end
  local ok, err = xpcall(akt.send, handler, dest, tag, unpack(r, 2, r.n))
  if not ok then send_failure(dest, tag, err) end
end

local function check(what, dest, tag, f)
  akt.alive(dest) -- raises if it is neither a pid nor a name
  if type(tag) ~= "string" then
    fail("bad_argument", what .. ": the tag of a message is a string, got " ..
         type(tag))
  end
  if type(f) ~= "function" then
    fail("bad_argument", what .. ": a function is expected, got " .. type(f))
  end
end

local M = {}

function M.pipe_to(dest, tag, f, ...)
  check("pipe_to", dest, tag, f)
  akt.task(run, dest, tag, f, ...)
end

local function has_call(breaker)
  local kind = type(breaker)
  return (kind == "table" or kind == "userdata") and
         type(breaker.call) == "function"
end

local function limited(seconds, f)
  return function(...) return akt.within(seconds, f, ...) end
end

local function broken(breaker, f)
  return function(...) return breaker:call(f, ...) end
end

function M.pipe_to_opt(opts, dest, tag, f, ...)
  core.check_options("pipe_to", opts, "within", "breaker")
  check("pipe_to_opt", dest, tag, f)
  local within, breaker = opts.within, opts.breaker
  if within ~= nil and breaker ~= nil then
    fail("bad_option", "pipe_to has either \"within\" or \"breaker\", not both")
  end
  if breaker ~= nil and not has_call(breaker) then
    fail("bad_option", "breaker must have a method call(f, ...), got " ..
         type(breaker))
  end
  local g = f
  if within ~= nil then g = limited(core.seconds(within, "within"), f) end
  if breaker ~= nil then g = broken(breaker, f) end
  akt.task(run, dest, tag, g, ...)
end

return M
