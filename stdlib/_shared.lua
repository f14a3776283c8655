-- SPDX-License-Identifier: MIT
--
-- stdlib/_shared.lua: copies of shared data. In Lua, so that a large one can be
-- preempted.

local _, core, G = ...

local error, pairs, tostring = error, G.pairs, G.tostring
local shared_kind = core.lib("shared").kind

local M = {}

local function copy(v)
  local kind = shared_kind(v)
  if kind == nil then return v end
  if kind == "text" then return tostring(v) end
  local t = {}
  for k, x in pairs(v) do t[copy(k)] = copy(x) end
  return t
end

--- A plain table or string of a view.
---@return table|string
function M.shared_copy(v)
  if shared_kind(v) == nil then
    error(core.error("bad_argument", "shared_copy: a view of shared data is " ..
                     "expected, got " .. G.type(v)), 0)
  end
  return copy(v)
end

return M
