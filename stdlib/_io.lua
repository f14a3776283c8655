-- SPDX-License-Identifier: MIT
--
-- stdlib/_io.lua: reads that may wait. For regular files everything is Lua's
-- own; stdin and pipes are read by a job, and the actor waits (lua/lib_io.c).
-- io.input and io.output are the actor's own.

local akt, core, G = ...

local io, os, wait = G.io, G.os, core.io
local file = core.file -- the methods of files
local type, error, select = type, error, select
local pack, unpack, tonumber = table.pack, table.unpack, tonumber
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
    local line = wait.wait_read(f, "l", 0, pipes[f])
    return line and tonumber(line)
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

function file.read(f, ...)
  if wait.is_regular(f) then return read(f, ...) end
  return read_waiting(f, ...)
end

function file.lines(f, ...)
  if wait.is_regular(f) then return lines(f, ...) end
  local formats = pack(...)
  return function() return read_waiting(f, unpack(formats, 1, formats.n)) end
end

function file.close(f)
  if not pipes[f] or wait.is_regular(f) then return close(f) end
  pipes[f] = nil
  return wait.wait_close(f)
end

local popen, io_lines, open = io.popen, io.lines, io.open

function io.popen(command, mode)
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
  if name == nil then return io.input():lines("l") end
  return io_lines(name, ...)
end

-- `aktvm check` runs a script for its definitions only.
if core.definition() then
  function file.write(f) return f end
end

os.execute = wait.execute

function os.exit(code)
  if code == nil or code == true then code = 0 elseif code == false then
    code = 1
  end
  akt.exit(code)
end
os.setlocale = nil
