-- SPDX-License-Identifier: MIT
--
-- stdlib/_trace.lua: the Lua half of lua/lib_trace.c.

local _, core = ...

local error, setmetatable, type = error, setmetatable, type

local M = {}

local scope = { __close = function(s) core.restore_trace(s.old, s.id, s.at) end }

--- Runs `f(...)` as part of the trace `id`: 1 to 16 hexadecimal digits, or 32,
--- of which the last 16 count (the trace id of a `traceparent` header).
---@param id string
---@param f fun(...): ...
---@return ... what f returns
function M.with_trace(id, f, ...)
  if type(f) ~= "function" then
    error(core.error("bad_argument",
                     "with_trace: a function is expected, got " .. type(f)), 0)
  end
  local old, new, at = core.set_trace(id)
  local s <close> = setmetatable({ old = old, id = new, at = at }, scope)
  return f(...)
end

return M
