-- seeds: 5
-- exit: 0
local akt = require "akt"
local p, ref = akt.spawn_monitor(function()
  local co = coroutine.wrap(function() error("inside a coroutine") end)
  co()
end)
local _, _, _, reason = akt.receive()
print(reason.code, reason.message:match("inside a coroutine"))
-- expect: crash	inside a coroutine
-- expect-err: error[crash]: <process#5> crashed in its function
-- expect-err: inside a coroutine
-- expect-err:   stack    tests/lua/supervision/crash_report_of_a_process.lua
