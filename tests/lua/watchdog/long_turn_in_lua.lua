-- SPDX-License-Identifier: MIT
-- A handler that goes on and on is preempted, and told once.
-- expect-err: warning[long_turn]: <looper#
-- expect-err: has run for 20 ms without a wait: tests/lua/watchdog/long_turn_in_lua.lua:
-- flags: --long-turn 20
local akt = require "akt"

local Looper = akt.actor "looper"

function Looper.on:loop()
  local t = os.clock()
  while os.clock() - t < 1 do end
end

akt.spawn(Looper):ask("loop")
