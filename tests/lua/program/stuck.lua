-- A main that waits for what can never come is an error, told with its line.
-- exit: 1
local akt = require "akt"
local W = akt.actor "w"
function W:terminate() print "w ends" end
akt.spawn(W)
akt.on_shutdown(function() print "on_shutdown" end)
akt.receive {
  never = function() end,
}
-- expect: w ends
-- expect: on_shutdown
-- expect-err: error[stuck]: <main#1> waits for ever
-- expect-err: program/stuck.lua:8
