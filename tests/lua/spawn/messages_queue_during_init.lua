-- seeds: 5
-- Messages to an actor whose init waits queue until it is up.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init()
  akt.send(main, "me", akt.self())
  akt.receive { go = function() end }
  self.x = "up"
end
function W.on:get() return self.x end

local p = akt.spawn(function() akt.spawn_opt({ name = "w" }, W) akt.receive({}) end)
local _, w = akt.receive()
local f = w:async("get")
w:send("go")
print(f:wait(), akt.whereis("w") == w) -- expect: up	true
p:stop()
