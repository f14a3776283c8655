-- SPDX-License-Identifier: MIT
--
-- stdlib/_equal.lua: deep equality, and where two values differ first.

local type, next, rawget, ipairs = type, next, rawget, ipairs
local sort, concat, find, format = table.sort, table.concat, string.find,
                                   string.format
local math_type = math.type

local any = setmetatable({}, { __tostring = function() return "t.any" end })

local ranks = { number = 1, string = 2 }

local function before(a, b)
  local ra, rb = ranks[type(a)] or 3, ranks[type(b)] or 3
  if ra ~= rb then return ra < rb end
  return ra < 3 and a < b
end

-- The keys of both, in an order that is the same each time.
local function keys_of(a, b)
  local keys = {}
  for k in next, a do keys[#keys + 1] = k end
  for k in next, b do
    if rawget(a, k) == nil then keys[#keys + 1] = k end
  end
  sort(keys, before)
  return keys
end

local function step(k)
  if type(k) == "string" and find(k, "^[%a_][%w_]*$") then return "." .. k end
  if type(k) == "string" then return format("[%q]", k) end
  return "[" .. tostring(k) .. "]"
end

-- nil, or true, a value and the other one; `path` then leads to them.
local function differ(a, b, path, open)
  if a == b or a == any or b == any then return nil end
  if type(a) ~= "table" or type(b) ~= "table" then
    if math_type(a) and math_type(b) and a ~= a and b ~= b then return nil end
    return true, a, b
  end
  if open[a] == b then return nil end -- a cycle
  local outer = open[a]
  open[a] = b
  for _, k in ipairs(keys_of(a, b)) do
    local x, y = rawget(a, k), rawget(b, k)
    path[#path + 1] = step(k)
    local different, va, vb = differ(x, y, path, open)
    if different then return true, va, vb end
    path[#path] = nil
  end
  open[a] = outer
  return nil
end

return {
  any = any,
  --- nil: they are equal; else the path to the first difference ("": they
  --- themselves), and the two values there.
  differ = function(a, b)
    local path = {}
    local different, x, y = differ(a, b, path, {})
    if not different then return nil end
    return concat(path), x, y
  end,
}
