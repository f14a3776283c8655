-- seeds: 5
-- What an init has spawned before it failed ends with it.
local akt = require "akt"

local main = akt.self()
local Child = akt.actor "child"
function Child:init() main:send("child", akt.self()) end
function Child:terminate(reason) main:send("child ends", reason) end
local W = akt.actor "w"
function W:init()
  akt.spawn(Child)
  error("after that", 0)
end
local _, err = akt.try(akt.spawn, W)
print(err.code, err.reason.message) -- expect: init_failed	after that
local _, child = akt.receive()
print(akt.receive())         -- expect: child ends	shutdown
print(akt.alive(child))      -- expect: false
