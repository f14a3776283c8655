-- flags: --sim
-- seeds: 5
-- init has returned when spawn does, also one that waits.
local akt = require "akt"

local Helper = akt.actor "helper"
function Helper.on:get() return 42 end

local W = akt.actor "w"
function W:init(helper, to)
  self.x = helper:ask("get")
  akt.sleep(0.01)
  to:send("init done")
end
function W.on:get() return self.x end

local w = akt.spawn(W, akt.spawn(Helper), akt.self())
print(akt.receive(0)) -- expect: init done
print(w:ask("get"))   -- expect: 42
