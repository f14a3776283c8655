-- SPDX-License-Identifier: MIT
--
-- stdlib/_children.lua: akt.child and akt.children_of: descriptions of children
-- built call by call, for akt.supervisor and akt.start_child. Loaded on first
-- use. What they build is the same table that may be written by hand.

local akt, core = ...

local type, error, setmetatable, ipairs = type, error, setmetatable, ipairs
local pack, unpack, floor = table.pack, table.unpack, math.floor

local M = {}
local methods = {}
local fields = {}
local meta = { __name = "child" }

-- A field there is not is named at the call, like an option.
function meta.__index(_, key)
  local method = methods[key]
  if method == nil and type(key) == "string" and key:sub(1, 1) ~= "_" then
    core.check_options("a child", { [key] = true }, "args", "isolate",
                       unpack(fields))
  end
  return method
end

local function fail(message) error(core.error("bad_child", message), 0) end

local function each(self, key, value)
  for _, spec in ipairs(self._specs) do spec[key] = value end
  return self
end

--- The arguments of init; of several children a function of its number may
--- give those of each.
function methods:args(first, ...)
  local args = pack(first, ...)
  for i, spec in ipairs(self._specs) do
    local own = args
    if self._batch and type(first) == "function" then own = pack(first(i)) end
    spec.args = own
  end
  return self
end

function methods:isolate(on) return each(self, "isolate", on == nil or on) end

for _, key in ipairs { "restart", "shutdown", "on_error", "mailbox", "memory",
                       "supervise", "passivate", "init", "health", "use", "cpu",
                       "priority" } do
  fields[#fields + 1] = key
  methods[key] = function(self, value) return each(self, key, value) end
end

local function builder(specs, batch)
  return setmetatable({ _specs = specs, _batch = batch }, meta)
end

function M.child(id, code)
  if type(id) ~= "string" or code == nil then
    fail("child: an id and a kind or function are expected")
  end
  return builder({ { id, code } }, false)
end

function M.children_of(n, id, code)
  if type(n) ~= "number" or n < 1 or n ~= floor(n) then
    fail("children_of: how many, a whole number over 0, comes first")
  end
  if type(id) ~= "string" or code == nil then
    fail("children_of: an id and a kind or function come after the number")
  end
  local specs = {}
  for i = 1, n do specs[i] = { id .. i, code } end
  return builder(specs, true)
end

return M
