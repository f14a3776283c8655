-- SPDX-License-Identifier: MIT
--
-- stdlib/supervisor.lua: the kind of akt.supervisor's actors. All that
-- supervision does is in the VM; this actor only starts its children, in
-- order, and starts or stops one when asked. Its policy comes with its spawn.
--
-- Its handlers reach akt through require, because they travel as a code image.

local akt = require "akt"

local Supervisor = akt.actor "supervisor"

function Supervisor:init(children)
  for _, child in ipairs(children) do require("akt")._start_child(child) end
end

-- A child that cannot start is its starter's problem: nil and the error.
Supervisor.on["$start_child"] = function(_, child)
  local akt = require "akt"
  return akt.try(akt._start_child, child)
end

Supervisor.on["$stop_child"] = function(_, pid)
  return require("akt")._stop_child(pid)
end

Supervisor.on["$children"] = function() return require("akt").children() end

return Supervisor
