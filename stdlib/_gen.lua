-- SPDX-License-Identifier: MIT
--
-- stdlib/_gen.lua: generated values for t.property, and making those smaller
-- with which it fails.
--
-- A generator draws whole numbers from a source and makes a value of them; 0
-- draws the simplest. What is made smaller is the list of the numbers: some
-- are left out, others made less, and the value made again. So every
-- generator shrinks, also one that is built of others or by a function.

local t, lib = ...
local core, show, fail = lib.core, lib.show, lib.fail

local type, pairs, ipairs, select = type, pairs, ipairs, select
local setmetatable, getmetatable = setmetatable, getmetatable
local unpack, sort, concat = table.unpack, table.sort, table.concat
local format, char = string.format, string.char
local math_type, random = math.type, math.random
local min, max, abs = math.min, math.max, math.abs

local RUNS = 100
local SHRINKS = 500    -- tries to make a failure smaller
local DRAWS = 10000    -- of one value
local STRING, LIST = 20, 20
local SMALL = 20       -- a third of all integers are within this of the least

---------------------------------------------------------------------------
-- Sources
---------------------------------------------------------------------------

-- splitmix64
local function next_random(s)
  s.state = s.state + 0x9e3779b97f4a7c15
  local z = s.state
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

-- `given`: the numbers to draw, then 0; or a seed.
local function source(seed, given)
  return { state = seed, given = given, made = {} }
end

-- One of 0..n.
local function draw(s, n)
  local at = #s.made + 1
  if at > DRAWS then
    fail("limit", "property: a value of more than " .. DRAWS .. " choices")
  end
  local v
  if s.given then
    v = min(s.given[at] or 0, n)
  else
    v = next_random(s) & math.maxinteger
    if n < math.maxinteger then v = v % (n + 1) end
  end
  s.made[at] = v
  return v
end

---------------------------------------------------------------------------
-- Generators
---------------------------------------------------------------------------

local Gen = { __name = "generator" }
Gen.__index = Gen

local function gen(make) return setmetatable({ make = make }, Gen) end

local function is_gen(g) return getmetatable(g) == Gen end

local function check_gen(what, g)
  if not is_gen(g) then
    fail("bad_argument", what .. ": a generator is expected, got " .. show(g))
  end
  return g
end

local function check_integer(what, v, least)
  if math_type(v) ~= "integer" or (least and v < least) then
    fail("bad_argument", what .. ": an integer" ..
         (least and format(" of %d or more", least) or "") ..
         " is expected, got " .. show(v))
  end
  return v
end

-- The v-th of a..b in the order of the distance from `origin`.
local function near(v, a, b, origin)
  local both = min(origin - a, b - origin)
  if v <= 2 * both then
    if v % 2 == 0 then return origin + v // 2 end
    return origin - (v + 1) // 2
  end
  if origin - a > both then return origin - (v - both) end
  return origin + (v - both)
end

local generators = {}

--- Integers from a to b, simplest: the one nearest to 0.
function generators.integer(a, b)
  if a == nil then a, b = -1000000, 1000000 end
  check_integer("gen.integer", a)
  check_integer("gen.integer", b)
  if a > b or abs(a) > 2 ^ 62 or abs(b) > 2 ^ 62 then
    fail("bad_argument", "gen.integer: a range within -2^62 to 2^62 is expected")
  end
  local origin = max(a, min(b, 0))
  return gen(function(s)
    local n = b - a
    if draw(s, 2) == 0 then n = min(n, SMALL) end
    return near(draw(s, n), a, b, origin)
  end)
end

--- Floats from a to b; half of them are whole.
function generators.number(a, b)
  a, b = a or -1000, b or 1000
  if type(a) ~= "number" or type(b) ~= "number" or not (a <= b) then
    fail("bad_argument", "gen.number: a least and a greatest are expected")
  end
  return gen(function(s)
    local whole = draw(s, 1) == 0 and math.ceil(a) <= math.floor(b)
    if whole then
      local lo, hi = math.ceil(a), math.floor(b)
      return near(draw(s, hi - lo), lo, hi, max(lo, min(hi, 0))) + 0.0
    end
    return a + (b - a) * (draw(s, (1 << 53) - 1) / (1 << 53))
  end)
end

function generators.boolean()
  return gen(function(s) return draw(s, 1) == 1 end)
end

--- Always this value.
function generators.constant(v) return gen(function() return v end) end

-- How many of at most n: one choice for each, so that any can be left out.
local function more(s, i, least, most)
  if i < least then return true end
  return i < most and draw(s, 7) > 0
end

--- Strings of at most `most` bytes (default 20) out of `letters` (default
--- letters, digits and some that are special).
function generators.string(most, letters)
  most = check_integer("gen.string", most or STRING, 0)
  letters = letters or "abcdefghijklmnopqrstuvwxyz0123456789 _-./\\\"'%\n\0"
  if type(letters) ~= "string" or letters == "" then
    fail("bad_argument", "gen.string: the letters must be a string")
  end
  return gen(function(s)
    local out = {}
    while more(s, #out, 0, most) do
      out[#out + 1] = char(letters:byte(draw(s, #letters - 1) + 1))
    end
    return concat(out)
  end)
end

--- Lists of what `g` makes, of `least` to `most` (default 0 to 20) entries.
function generators.list(g, most, least)
  check_gen("gen.list", g)
  most = check_integer("gen.list", most or LIST, 0)
  least = check_integer("gen.list", least or 0, 0)
  return gen(function(s)
    local out = {}
    while more(s, #out, least, most) do out[#out + 1] = g.make(s) end
    return out
  end)
end

--- One of the arguments: what a generator makes, or the value itself. The
--- first one is the simplest.
function generators.one_of(...)
  local n, all = select("#", ...), { ... }
  if n == 0 then fail("bad_argument", "gen.one_of: nothing to choose from") end
  return gen(function(s)
    local g = all[draw(s, n - 1) + 1]
    if is_gen(g) then return g.make(s) end
    return g
  end)
end

--- Tables with these keys, each with what its generator makes.
function generators.table(fields)
  if type(fields) ~= "table" then
    fail("bad_argument", "gen.table: generators by their keys are expected")
  end
  local keys = {}
  for k, g in pairs(fields) do
    check_gen("gen.table", g)
    keys[#keys + 1] = k
  end
  sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return gen(function(s)
    local out = {}
    for _, k in ipairs(keys) do out[k] = fields[k].make(s) end
    return out
  end)
end

--- What `f` makes of what `g` makes.
function generators.map(g, f)
  check_gen("gen.map", g)
  return gen(function(s) return f(g.make(s)) end)
end

---------------------------------------------------------------------------
-- Running
---------------------------------------------------------------------------

-- A failure, or nil; and the source with what was drawn.
local function try(p, s)
  local args, n = {}, #p.gens
  for i = 1, n do args[i] = p.gens[i].make(s) end
  local before = lib.children()
  local ok, failure = lib.attempt(function()
    if p.fn(unpack(args, 1, n)) == false then
      fail("test_failed", "the property is false")
    end
  end)
  lib.sweep(before)
  if ok then return nil end
  return { failure = failure, args = args, n = n, made = s.made }
end

local function without(list, from, count)
  local out = {}
  for i, v in ipairs(list) do
    if i < from or i >= from + count then out[#out + 1] = v end
  end
  return out
end

local function with(list, at, v)
  local out = { unpack(list) }
  out[at] = v
  return out
end

-- Tries a list of numbers; true: it fails as well, and is the best now.
local function better(p, state, given)
  if state.left == 0 then return false end
  state.left = state.left - 1
  local found = try(p, source(0, given))
  if not found or #found.made > #given then return false end
  state.best, state.steps = found, state.steps + 1
  return true
end

local function drop_some(p, state)
  local any = false
  for _, count in ipairs { 8, 4, 2, 1 } do
    local at = #state.best.made - count + 1
    while at >= 1 do
      local dropped = better(p, state, without(state.best.made, at, count))
      any = any or dropped
      at = min(at - 1, #state.best.made - count + 1)
    end
  end
  return any
end

-- Makes the number at `at` as small as it can be.
local function lower(p, state, at)
  local high = state.best.made[at]
  if not high or high == 0 then return false end
  if better(p, state, with(state.best.made, at, 0)) then return true end
  local low, any = 0, false -- with `low` it does not fail
  while state.best.made[at] and high - low > 1 and state.left > 0 do
    local middle = low + (high - low) // 2
    if better(p, state, with(state.best.made, at, middle)) then
      high, any = middle, true
    else
      low = middle
    end
  end
  return any
end

local function shrink(p, found)
  local state = { best = found, left = p.shrinks, steps = 0 }
  local go_on = true
  while go_on and state.left > 0 do
    go_on = drop_some(p, state)
    local at = 1
    while at <= #state.best.made do
      go_on = lower(p, state, at) or go_on
      at = at + 1
    end
  end
  return state
end

local function tell(p, run, state)
  local best = state.best
  local f, values = best.failure, {}
  for i = 1, best.n do values[i] = show(best.args[i]) end
  return setmetatable({
    message = format("fails for (%s)\n%s\nin run %d of %d with the seed %d, " ..
                     "made smaller in %d steps", concat(values, ", "),
                     f.message, run, p.runs, p.seed, state.steps),
    file = f.file, line = f.line, code = f.code, stack = f.stack,
  }, lib.Failure)
end

local function run_all(p)
  p.seed = p.seed or random(0, 0x7fffffff)
  for run = 1, p.runs do
    local found = try(p, source(p.seed + run))
    if found then error(tell(p, run, shrink(p, found)), 0) end
  end
end

--- The function that runs it.
local function property(name, gens, fn, opts)
  opts = opts or {}
  core.check_options("property", opts, "runs", "seed", "shrinks")
  if type(gens) ~= "table" or type(fn) ~= "function" then
    fail("bad_argument", format("property %q: a list of generators and a " ..
                                "function are expected", tostring(name)))
  end
  for _, g in ipairs(gens) do check_gen("property", g) end
  local p = {
    gens = gens, fn = fn, seed = opts.seed,
    runs = check_integer("property: runs", opts.runs or RUNS, 1),
    shrinks = check_integer("property: shrinks", opts.shrinks or SHRINKS, 0),
  }
  if p.seed then check_integer("property: seed", p.seed) end
  return function() run_all(p) end
end

return { generators = generators, property = property }
