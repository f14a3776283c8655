-- SPDX-License-Identifier: MIT
--
-- stdlib/_io.lua: reads that may wait. For regular files everything is Lua's
-- own; stdin and pipes are read by a job, and the actor waits (lua/lib_io.c).
-- io.input and io.output are the actor's own.

local akt, core, G = ...

local io, os, wait = G.io, G.os, core.io
local file = core.file -- the methods of files
local type, error, select = type, error, select
local ipairs, pcall = ipairs, pcall
local pack, unpack, tonumber = table.pack, table.unpack, tonumber
local io_type = io.type
local setmetatable = setmetatable

local read, lines, close = file.read, file.lines, file.close
local pipes = setmetatable({}, { __mode = "k" })

local function how(format)
  if type(format) == "number" then return "b", format end
  local f = format:gsub("^%*", ""):sub(1, 1)
  if f == "l" or f == "L" or f == "a" then return f end
  if f == "n" then return "n" end
  error("bad argument #1 to 'read' (invalid format)", 4)
end

local function read_one(f, format)
  local h, count = how(format)
  if h == "n" then
    local numeral = wait.wait_read(f, "n", 0, pipes[f])
    return numeral and tonumber(numeral)
  end
  return wait.wait_read(f, h, count, pipes[f])
end

local function read_waiting(f, ...)
  local n = select("#", ...)
  if n == 0 then return read_one(f, "l") end
  local formats, results = { ... }, {}
  for i = 1, n do
    results[i] = read_one(f, formats[i])
    if results[i] == nil then return unpack(results, 1, i) end
  end
  return unpack(results, 1, n)
end

local function check_open(f)
  if io_type(f) == "closed file" then
    error("attempt to use a closed file", 3)
  end
end

function file.read(f, ...)
  check_open(f)
  if wait.is_regular(f) then return read(f, ...) end
  return read_waiting(f, ...)
end

function file.lines(f, ...)
  check_open(f)
  if wait.is_regular(f) then return lines(f, ...) end
  local formats = pack(...)
  return function() return read_waiting(f, unpack(formats, 1, formats.n)) end
end

function file.close(f)
  check_open(f)
  if not pipes[f] or wait.is_regular(f) then return close(f) end
  pipes[f] = nil
  return wait.wait_close(f)
end

local popen, io_lines, io_open = io.popen, io.lines, io.open
local open = io_open

function io.popen(command, mode)
  wait.effect()
  local f, err, code = popen(command, mode)
  if f then pipes[f] = true end
  return f, err, code
end

-- Each actor has its own default input and output.
local function default(name, standard, mode)
  return function(f)
    if f == nil then return core.io_default(name) or standard end
    if type(f) == "string" then
      local opened, err = open(f, mode)
      if not opened then error(err, 2) end
      f = opened
    end
    core.io_default(name, f)
    return f
  end
end

io.input = default("input", io.stdin, "r")
io.output = default("output", io.stdout, "w")

function io.read(...) return io.input():read(...) end

function io.write(...) return io.output():write(...) end

function io.close(f) return (f or io.output()):close() end

function io.lines(name, ...)
  if name == nil then return io.input():lines(...) end
  local ok, f, state, control, closing = pcall(io_lines, name, ...)
  if not ok then error(f, 2) end
  return f, state, control, closing
end

-- `aktvm check` runs a script for its definitions only: what is written is
-- dropped, and what would change something outside ends the run.
if core.definition() then
  function file.write(f) return f end
  function open(name, mode)
    if mode and mode:find("[wa+]") then wait.effect() end
    return io_open(name, mode)
  end
  io.open = open
  for _, name in ipairs{ "remove", "rename", "tmpname" } do
    os[name] = wait.effect
  end
  io.tmpfile = wait.effect
end

-- Files are the world's own (lua/lib_sim.c), which io.lines does not know;
-- other processes are refused there.
local function world_lines(name, ...)
  local f, err = open(name)
  if not f then error(err, 0) end
  local nextline = lines(f, ...)
  return function()
    local results = pack(nextline())
    if results[1] == nil then close(f) end
    return unpack(results, 1, results.n)
  end, nil, nil, f
end

-- A recording and its replay allocate and keep alike (lua/sim_state.h).
core.both_worlds = { io_lines, world_lines, popen, io.popen, os.execute,
                     wait.execute }
if core.has_world_files() then
  io.popen = popen
  io_lines = world_lines
else
  os.execute = wait.execute
end

function os.exit(code)
  if code == nil or code == true then code = 0 elseif code == false then
    code = 1
  end
  akt.exit(code)
end
os.setlocale = nil
