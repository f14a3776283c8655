-- seeds: 5
-- A spawner that is killed while it waits for an init takes the child along.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init()
  main:send("init", akt.self())
  akt.receive({})
end
local p = akt.spawn(function() akt.spawn(W) end)
local _, w = akt.receive()
local ref = akt.monitor(w)
p:kill()
akt.receive { down = function(r) print(r == ref) end } -- expect: true
