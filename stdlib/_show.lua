-- SPDX-License-Identifier: MIT
--
-- stdlib/_show.lua: values as text for people: what a session prints.
--
-- Bounded whatever the value is: in depth, in entries of a table, in bytes of
-- a string and in all. What is left out is counted or shown as "...". Calls
-- nothing of the value's own but __tostring, protected.

local type, tostring, next, pcall = type, tostring, next, pcall
local pairs, rawlen, rawget, getmetatable = pairs, rawlen, rawget, getmetatable
local select, format, concat = select, string.format, table.concat
local gsub, sub, rep, find = string.gsub, string.sub, string.rep, string.find
local byte, sort, math_type = string.byte, table.sort, math.type
local getinfo = debug.getinfo

local DEPTH = 6       -- tables in tables
local ENTRIES = 50    -- shown of one table
local COUNTED = 10000 -- looked at of one table
local STRING = 2000   -- bytes shown of a string
local TOTAL = 20000   -- bytes of all
local WIDTH = 76      -- of a line, where it can be kept

local escapes = {
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\",
  ["\""] = "\\\"", ["\0"] = "\\0",
}

local function escape(c)
  return escapes[c] or format("\\x%02x", byte(c))
end

-- Bytes that are no UTF-8 would spoil the terminal.
local function quote(s)
  local cut = #s > STRING
  local text = cut and sub(s, 1, STRING) or s
  local keep = utf8.len(text) or cut and utf8.len(sub(text, 1, -4))
  text = gsub(text, keep and "[%c\\\"]" or "[%c\\\"\x80-\xff]", escape)
  if cut then return format("\"%s\"... (%d bytes)", text, #s) end
  return "\"" .. text .. "\""
end

local keywords = {}
for word in ("and break do else elseif end false for function goto if in " ..
             "local nil not or repeat return then true until while")
            :gmatch("%a+") do
  keywords[word] = true
end

local function is_name(k)
  return type(k) == "string" and #k <= 100 and not keywords[k] and
         find(k, "^[%a_][%w_]*$") ~= nil
end

local function show_function(f)
  local info = getinfo(f, "S")
  if info.what == "C" or sub(info.source, 1, 1) == "=" then
    return "<function>"
  end
  return format("<function %s:%d>", info.short_src, info.linedefined)
end

-- Text of a value that has none of its own is its type and address.
local function plain(v)
  local ok, text = pcall(tostring, v)
  if not ok or type(text) ~= "string" then
    return "<" .. type(v) .. " whose __tostring fails>"
  end
  if #text > STRING then
    return format("%s... (%d bytes)", sub(text, 1, STRING), #text)
  end
  return text
end

local ranks = { number = 1, string = 2 }

local function before(a, b)
  local ra, rb = ranks[type(a)] or 3, ranks[type(b)] or 3
  if ra ~= rb then return ra < rb end
  if ra < 3 then return a < b end
  return type(a) < type(b)
end

-- The keys that are not 1..n, sorted; how many there are in all; whether
-- there may be more. The tables of libraries are views: their real entries
-- come from their __pairs, which is the machine's own.
local function keys_of(t, n)
  local keys, count = {}, 0
  local f, state, start = next, t, nil
  if getmetatable(t) == false then f, state, start = pairs(t) end
  for k in f, state, start do
    count = count + 1
    if math_type(k) ~= "integer" or k < 1 or k > n then
      keys[#keys + 1] = k
    end
    if count >= COUNTED then break end
  end
  sort(keys, before)
  return keys, count
end

local function value_of(t, k)
  local v = rawget(t, k)
  if v == nil then v = t[k] end -- of a view
  return v
end

local show

local function show_key(state, k, depth)
  if is_name(k) then return k end
  return "[" .. show(state, k, depth + 1) .. "]"
end

local function spent(state, parts)
  if state.left > 0 then return false end
  parts[#parts + 1] = "..."
  return true
end

local function entries_of(state, t, depth)
  local parts, n = {}, rawlen(t)
  local keys, count = keys_of(t, n)
  for i = 1, n do
    if #parts >= ENTRIES then break end
    if spent(state, parts) then return parts end
    parts[#parts + 1] = show(state, rawget(t, i), depth + 1)
  end
  for _, k in ipairs(keys) do
    if #parts >= ENTRIES then break end
    if spent(state, parts) then return parts end
    local v = value_of(t, k)
    parts[#parts + 1] = show_key(state, k, depth) .. " = " ..
                        show(state, v, depth + 1)
  end
  if count > #parts then
    local about = count >= COUNTED and "at least " or ""
    parts[#parts + 1] = format("... (%s%d more)", about, count - #parts)
  end
  return parts
end

local function layout(parts, depth)
  if #parts == 0 then return "{}" end
  local line = "{ " .. concat(parts, ", ") .. " }"
  if #line + 2 * depth <= WIDTH and not find(line, "\n", 1, true) then
    return line
  end
  local indent = rep("  ", depth + 1)
  return "{\n" .. indent .. concat(parts, ",\n" .. indent) .. "\n" ..
         rep("  ", depth) .. "}"
end

local function show_table(state, t, depth)
  local meta = getmetatable(t)
  if type(meta) == "table" and rawget(meta, "__tostring") ~= nil then
    return plain(t)
  end
  if state.open[t] then return "<cycle>" end
  if depth >= DEPTH then return "{...}" end
  state.open[t] = true
  local text = layout(entries_of(state, t, depth), depth)
  state.open[t] = nil
  local name = type(meta) == "table" and rawget(meta, "__name")
  if type(name) == "string" then text = name .. " " .. text end
  return text
end

function show(state, v, depth)
  local kind, text = type(v), nil
  if kind == "string" then text = quote(v)
  elseif kind == "function" then text = show_function(v)
  elseif kind == "table" then return show_table(state, v, depth)
  else text = plain(v) end
  state.left = state.left - #text
  return text
end

--- The values as text, one after another.
return function(...)
  local state, parts = { left = TOTAL, open = {} }, {}
  for i = 1, select("#", ...) do
    parts[i] = show(state, (select(i, ...)), 0)
  end
  return concat(parts, "\t")
end
