-- SPDX-License-Identifier: MIT
--
-- stdlib/bench.lua: the module akt.bench, a function bench(name, fn, options).
-- `aktvm bench FILE` (cli/cmd_bench.c) begins with `command`, which knows the
-- options of the command line; in a plain `aktvm FILE` the defaults hold.
--
-- A sample is one call of fn, or so many in a row that the clock does not
-- matter. Samples are taken until the time is over; there is a bound on their
-- number, and when it is reached every other one goes, and from then on only
-- every other one is kept: they stay spread over the whole time.

local akt = require "akt"

local type, error, print, select = type, error, print, select
local format, rep, gsub, byte = string.format, string.rep, string.gsub, string.byte
local find, tostring, ipairs, pairs = string.find, tostring, ipairs, pairs
local sort, concat = table.sort, table.concat
local ceil, floor, max, huge = math.ceil, math.floor, math.max, math.huge
local clock, getinfo = akt.clock, debug.getinfo

local SAMPLE = 5e-6     -- seconds a sample takes at least: 100 x the clock
local SAMPLES = 100000  -- that are kept of one benchmark
local LEAST = 3         -- samples, however long they take
local TIME, WARM_UP = 1, 0.2
local NAME = 200        -- bytes of a name
local TIME_MAX = 3600

local settings = { time = TIME, warm_up = WARM_UP, json = false }
local names, done = {}, 0

-- The place of the first call in progress that is the script's own.
local function place()
  local level, info = 3, nil
  repeat
    info, level = getinfo(level, "Sl"), level + 1
    if info and info.currentline > 0 and info.short_src ~= "akt" then
      return info.short_src .. ":" .. info.currentline .. ": "
    end
  until not info
  return ""
end

local function fail(code, message)
  error({ code = code, message = place() .. "bench: " .. message }, 0)
end

---------------------------------------------------------------------------
-- Measuring
---------------------------------------------------------------------------

local function time_of(fn, batch)
  local start = clock()
  for _ = 1, batch do fn() end
  return clock() - start
end

-- Calls fn until the time is over -> calls that make a sample.
local function warm_up(fn, seconds)
  local batch, finish = 1, clock() + seconds
  local took = time_of(fn, 1)
  while took < SAMPLE or clock() < finish do
    if took < SAMPLE then batch = batch * 2 end
    took = time_of(fn, batch)
  end
  return batch
end

local function thinned(samples)
  local half = {}
  for i = 2, #samples, 2 do half[#half + 1] = samples[i] end
  return half
end

-- Seconds per call of each sample that was kept, the calls and their time.
local function measure(fn, batch, seconds)
  local samples, taken, every, total = {}, 0, 1, 0
  local finish = clock() + seconds
  repeat
    local took = time_of(fn, batch)
    taken, total = taken + 1, total + took
    if taken % every == 0 then samples[#samples + 1] = took / batch end
    if #samples == SAMPLES then samples, every = thinned(samples), every * 2 end
  until clock() >= finish and taken >= LEAST
  return samples, taken * batch, total
end

local function percentile(sorted, p)
  return sorted[max(1, ceil(#sorted * p))]
end

-- All times in nanoseconds per operation.
local function summary(name, samples, calls, total, batch, count)
  sort(samples)
  local unit = 1e9 / count
  return {
    name = name, calls = calls, batch = batch, count = count,
    samples = calls // batch, seconds = total,
    mean_ns = total / calls * unit,
    min_ns = samples[1] * unit,
    p50_ns = percentile(samples, 0.5) * unit,
    p90_ns = percentile(samples, 0.9) * unit,
    p99_ns = percentile(samples, 0.99) * unit,
    max_ns = samples[#samples] * unit,
    per_second = calls * count / total,
  }
end

---------------------------------------------------------------------------
-- Telling
---------------------------------------------------------------------------

local FIELDS = { "calls", "samples", "batch", "count", "seconds", "per_second",
                 "mean_ns", "min_ns", "p50_ns", "p90_ns", "p99_ns", "max_ns" }

local function json_string(text)
  return '"' .. gsub(text, '[%c"\\\127]', function(c)
    return format("\\u%04x", byte(c))
  end) .. '"'
end

local function print_json(result)
  local parts = { '{"v":1,"name":' .. json_string(result.name) }
  for _, field in ipairs(FIELDS) do
    parts[#parts + 1] = format(',"%s":%.9g', field, result[field])
  end
  print(concat(parts) .. "}")
end

local UNITS = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" } }

local function digits(value)
  return value < 10 and "%.2f" or value < 100 and "%.1f" or "%.0f"
end

local function duration(ns)
  for _, unit in ipairs(UNITS) do
    if ns >= unit[1] or unit[1] == 1 then
      local value = ns / unit[1]
      return format(digits(value), value) .. " " .. unit[2]
    end
  end
end

local function rate(value)
  if value >= 1e6 then return format(digits(value / 1e6), value / 1e6) .. " M" end
  if value >= 1e3 then return format(digits(value / 1e3), value / 1e3) .. " k" end
  return format(digits(value), value)
end

local LINE = "%-28s %9s %9s %9s %9s %9s %9s"

local function print_text(result)
  if done == 0 then
    print(format(LINE, "benchmark", "per s", "mean", "p50", "p90", "p99", "max"))
  end
  print(format(LINE, result.name, rate(result.per_second),
               duration(result.mean_ns), duration(result.p50_ns),
               duration(result.p90_ns), duration(result.p99_ns),
               duration(result.max_ns)))
end

---------------------------------------------------------------------------
-- The call, and the command
---------------------------------------------------------------------------

local OPTIONS = { time = true, warm_up = true, count = true }

local function check_name(name)
  if type(name) ~= "string" or #name == 0 or #name > NAME then
    fail("bad_argument", "the name must be 1 to " .. NAME .. " bytes")
  elseif names[name] then
    fail("bad_argument", "there are two named " .. name)
  end
end

local function check_seconds(name, options, key)
  local value = options[key]
  if value ~= nil and (type(value) ~= "number" or
                       not (value >= 0 and value <= TIME_MAX)) then
    fail("bad_option", name .. ": " .. key .. " must be seconds, up to " .. TIME_MAX)
  end
end

local function check_options(name, options)
  if type(options) ~= "table" then
    fail("bad_argument", name .. ": the options must be a table")
  end
  for key in pairs(options) do
    if not OPTIONS[key] then
      fail("bad_option", name .. ": there is no option " .. tostring(key))
    end
  end
  check_seconds(name, options, "time")
  check_seconds(name, options, "warm_up")
  local count = options.count or 1
  if type(count) ~= "number" or not (count > 0 and count < huge) then
    fail("bad_option", name .. ": count must be a number above 0")
  end
end

local function check(name, fn, options)
  check_name(name)
  if type(fn) ~= "function" then
    fail("bad_argument", name .. ": the second argument must be a function")
  end
  check_options(name, options)
  names[name] = true
end

---Calls `fn` again and again, and prints how long it takes.
---@param name string unique in the program
---@param fn fun()
---@param options? akt.bench.options
local function bench(name, fn, options)
  options = options or {}
  check(name, fn, options)
  if settings.filter and not find(name, settings.filter, 1, true) then return end
  akt.sleep(0)  -- an effect: `aktvm check` ends here
  if akt.node().simulated then
    fail("not_simulated", "time stands still in the simulated world")
  end
  local batch = warm_up(fn, options.warm_up or settings.warm_up)
  local samples, calls, total = measure(fn, batch, options.time or settings.time)
  local result = summary(name, samples, calls, total, batch, options.count or 1)
  local tell = settings.json and print_json or print_text
  tell(result)
  done = done + 1
end

-- What `aktvm bench` begins with. Exits with 1 if nothing was measured.
local function command(path, given, ...)
  settings = {
    time = given.time or TIME, warm_up = given.warm_up or WARM_UP,
    filter = given.filter, json = given.json,
  }
  local script, err = loadfile(path)
  if not script then error(err, 0) end
  script(...)
  if done == 0 then
    io.stderr:write("aktvm bench: no benchmarks in ", path,
                    given.filter and " that match the filter\n" or "\n")
    akt.exit(1)
  end
end

return setmetatable({ command = command },
                    { __call = function(_, ...) return bench(...) end })
