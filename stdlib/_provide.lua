-- SPDX-License-Identifier: MIT
--
-- stdlib/_provide.lua: akt.provide. What is provided is in C
-- (lua/lib_provide.h).

local _, core = ...

local lib = core.lib("provide")

local M = { use = lib.use }

--- Provides a value by name, for all actors of the node.
---@param name string
---@param options? { replace: boolean }
function M.provide(name, value, options)
  options = options or {}
  core.check_options("provide", options, "replace")
  lib.provide(name, value, options.replace)
end

return M
