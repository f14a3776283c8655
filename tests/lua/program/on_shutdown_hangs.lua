-- flags: --sim
-- expect-err: on_shutdown: the function at tests/lua/program/on_shutdown_hangs.lua:7 takes too long and was cut off
-- A function that waits for what never comes is cut off in time for the others,
-- and told.
local akt = require "akt"
akt.on_shutdown(function() print("last") end)
akt.on_shutdown(function() akt.sleep(3600) end)
akt.on_shutdown(function() print("first") end)
-- expect: first
-- expect: last
-- seeds: 5
