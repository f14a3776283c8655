-- SPDX-License-Identifier: MIT
-- Lua that a C function calls cannot be preempted; its line is told.
-- expect-err: warning[long_turn]: <caller#
-- expect-err: in on.call and cannot be preempted: tests/lua/watchdog/long_turn_in_a_callback.lua:
-- flags: --long-turn 20
local akt = require "akt"

local Caller = akt.actor "caller"

function Caller.on:call()
  local t = os.clock()
  local slow = setmetatable({}, { __tostring = function()
    while os.clock() - t < 0.08 do end
    return "slow"
  end })
  string.format("%s", slow)
end

akt.spawn(Caller):ask("call")
