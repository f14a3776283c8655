-- SPDX-License-Identifier: MIT
--
-- stdlib/session.lua: the actor behind `aktvm repl` and `aktvm attach`. What
-- happens outside of it: lua/session.h; how a line is ended: lua/line.h.
--
-- Answers ("$eval", code, milliseconds) and ("$complete", text) with three
-- strings each. A line runs in a coroutine of its own; nothing it calls runs
-- anywhere else. Its globals are a table in front of the node's, which stay
-- read-only.

local core, captures = ...

local akt = require "akt"
local show = require "akt._show"

local globals = _ENV
local type, tostring, select, pcall = type, tostring, select, pcall
local load, next, pairs, rawget = load, next, pairs, rawget
local getmetatable, setmetatable = getmetatable, setmetatable
local create, resume = coroutine.create, coroutine.resume
local status, close = coroutine.status, coroutine.close
local find, sub, match, format = string.find, string.sub, string.match,
                                 string.format
local concat, sort, traceback = table.concat, table.sort, debug.traceback

local CHUNK = "@(line)"
local REPORT_S = 1     -- to show an error, which may have a __tostring
local COMPLETE_S = 0.5
local CANDIDATES = 200
local FRAMES = 6       -- of a stack that are shown

-- It travels with functions that lines spawn: nothing in it is ours.
local env = { akt = akt }
env._G = env
setmetatable(env, { __index = globals, __metatable = false })

---------------------------------------------------------------------------
-- Ending a line
---------------------------------------------------------------------------

-- Runs f(...) for at most `seconds`. Answers like pcall, then whether it was
-- interrupted and the stack of what failed.
local function run(seconds, f, ...)
  local co = create(f)
  core.line_begin(seconds)
  local ok, a, b = resume(co, ...)
  local stack
  if not ok then
    stack = traceback(co)
    close(co) -- its __close functions are a part of the line
  elseif status(co) ~= "dead" then
    ok, a = false, "attempt to yield from outside a coroutine"
    close(co)
  end
  return ok, a, b, core.line_end(), stack
end

---------------------------------------------------------------------------
-- Errors
---------------------------------------------------------------------------

-- "(line):1" of the lines of a traceback that are the user's
local function frames_of(stack)
  local frames = {}
  for line in stack:gmatch("\n\t([^\n]+)") do
    local place, what = match(line, "^(%S.-:%d+): in (.*)$")
    if place and #frames < FRAMES then
      frames[#frames + 1] = place .. " in " .. what
    end
  end
  return frames
end

local function describe(err, stack)
  local code, text = "crash", nil
  if type(err) == "table" then
    local c, m = rawget(err, "code"), rawget(err, "message")
    if type(c) == "string" and #c < 64 then code = c end
    if type(m) == "string" then text = m end
  elseif type(err) == "string" then
    text = err
  end
  text = text or show(err)
  if #text > 4000 then text = sub(text, 1, 4000) .. "..." end
  local frames = frames_of(stack or "")
  if #frames > 1 then
    text = text .. "\n  stack    " .. concat(frames, "  <-  ")
  end
  return format("error[%s]: %s", code, text)
end

local function report(err, stack)
  local ok, text = run(REPORT_S, describe, err, stack)
  return ok and text or "error[crash]: (an error that cannot be shown)"
end

---------------------------------------------------------------------------
-- Lines
---------------------------------------------------------------------------

-- A function; or nil, the message and whether more text may make it whole.
local function compile(code)
  local f = load("return " .. code, CHUNK, "t", env)
  if f then return f end
  local g, err = load(code, CHUNK, "t", env)
  if g then return g end
  return nil, err, find(err, "near '?<eof>'?$") ~= nil
end

local function results(...)
  if select("#", ...) == 0 then return "" end
  return show(...)
end

local function evaluate(f) return results(f()) end

local function output()
  local text, dropped = core.line_output()
  if dropped > 0 then
    text = text .. format("\n... (%d bytes more)\n", dropped)
  end
  return text
end

local function eval(code, milliseconds)
  local f, err, more = compile(code)
  if not f then
    return more and "more" or "error", "", "error[syntax]: " .. err
  end
  local seconds = milliseconds / 1000
  local ok, text, _, interrupted, stack = run(seconds, evaluate, f)
  if ok then return "ok", output(), text end
  if interrupted then return "error", output(), "error[interrupted]: " ..
                             "interrupted" end
  return "error", output(), report(text, stack)
end

---------------------------------------------------------------------------
-- Completion
---------------------------------------------------------------------------

local pid_methods = {}
for _, name in ipairs{ "send", "ask", "async", "stop", "kill", "alive",
                       "reply", "cancel", "wait" } do
  pid_methods[name] = true
end

local keywords = {}
for word in ("and break do else elseif end false for function goto if in " ..
             "local nil not or repeat return then true until while")
            :gmatch("%a+") do
  keywords[word] = true
end

local function is_view(t) return getmetatable(t) == false and t ~= env end

-- A field without calling anything of the script's.
local function field(t, k)
  if type(t) == "string" then return globals.string[k] end
  if type(t) ~= "table" then return nil end
  if is_view(t) then return t[k] end
  for _ = 1, 10 do
    local v = rawget(t, k)
    if v ~= nil then return v end
    if t == env then return rawget(globals, k) end
    local meta = getmetatable(t)
    t = type(meta) == "table" and rawget(meta, "__index")
    if type(t) ~= "table" then return nil end
  end
end

local function add_keys(names, t)
  local f, state, start = next, t, nil
  if is_view(t) then f, state, start = pairs(t) end
  for k, v in f, state, start do
    if type(k) == "string" and find(k, "^[%a_][%w_]*$") then
      names[k] = v
    end
  end
end

local function names_in(t)
  local names = {}
  if type(t) == "string" then add_keys(names, globals.string) end
  if type(t) == "userdata" then return pid_methods end
  for _ = 1, 10 do
    if type(t) ~= "table" then break end
    add_keys(names, t)
    if is_view(t) then break end
    local meta = getmetatable(t)
    t = t == env and globals or
        type(meta) == "table" and rawget(meta, "__index")
  end
  return names
end

-- "a.b:c" of the end of the text: the table a.b, ":" and "c"
local function place_of(text)
  local path, word = match(text, "([%a_][%w_%.:]-)([%a_]?[%w_]*)$")
  local separator = path and match(path, "[%.:]$")
  if not separator then
    return env, "", match(text, "[%a_][%w_]*$") or ""
  end
  local t = env
  for name in path:gmatch("[%a_][%w_]*") do t = field(t, name) end
  return t, separator, word
end

-- Inside of the string of akt.send("..., akt.ask("... and others
local function complete_name(prefix)
  local names = {}
  for name in core.line_names(prefix):gmatch("[^\n]+") do
    names[#names + 1] = name
  end
  sort(names)
  return tostring(#prefix), concat(names, "\n", 1, math.min(#names, CANDIDATES))
end

local function complete(text)
  local prefix = match(text, "akt%.%a+%(%s*[\"']([^\"']*)$")
  if prefix then return complete_name(prefix) end
  if find(text, "[%w_]%.%.+[%w_]*$") then return "0", "" end -- a .. b
  local t, separator, word = place_of(text)
  local names, found = names_in(t), {}
  if separator == "" then for k in pairs(keywords) do names[k] = true end end
  for k, v in pairs(names) do
    local callable = v == true or type(v) == "function"
    if sub(k, 1, #word) == word and (separator ~= ":" or callable) then
      found[#found + 1] = k
    end
  end
  sort(found)
  for i = #found, CANDIDATES + 1, -1 do found[i] = nil end
  return tostring(#word), concat(found, "\n")
end

local function answer_complete(text)
  local ok, length, found = run(COMPLETE_S, complete, text)
  if not ok then return "0", "", "" end
  return length, found, ""
end

---------------------------------------------------------------------------
-- Output of io.write, and an input that is empty
---------------------------------------------------------------------------

local out = {}

function out:write(...)
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    if type(v) ~= "string" and type(v) ~= "number" then
      error(format("bad argument #%d to 'write' (string expected, got %s)", i,
                   type(v)), 2)
    end
    core.line_write(tostring(v))
  end
  return self
end

function out:flush() return self end
function out:setvbuf() return true end
function out:close() return nil, "cannot close standard file" end

core.line_open(captures)
if captures then core.io_default("output", out) end
core.io_default("input", (io.open "/dev/null"))

-- The first line of `aktvm repl FILE` finds what FILE starts; a main that goes
-- on for long is not waited for.
local function wait_for_main()
  for _ = 1, 100 do
    local info = akt.info(core.line_main())
    if not info or info.state == "finished" then return end
    akt.sleep(0.01)
  end
end

if not captures then wait_for_main() end

local handlers = { ["$eval"] = eval, ["$complete"] = answer_complete }
while true do akt.receive(handlers) end
