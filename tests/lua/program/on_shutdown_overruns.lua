-- flags: --sim
-- exit: 1
-- All of it together has the time of the end: retries do not go on for ever.
local akt = require "akt"
local t = akt.clock()
local W = akt.actor "w"
function W:init() akt.on_shutdown(function() error "never" end, { on_error = "retry", tries = 1000, pause = 2 }) end
akt.spawn(W)
-- expect-err: on_shutdown: the function at tests/lua/program/on_shutdown_overruns.lua:7 takes too long and was cut off
-- seeds: 5
