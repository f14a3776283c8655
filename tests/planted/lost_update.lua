-- Two clients read, add and write: one of the two additions can be lost.
local akt = require "akt"
local Store = akt.actor "store"
function Store:init() self.n = 0 end
function Store.on:get() return self.n end
function Store.on:set(n) self.n = n end

local store = akt.spawn(Store)
for _ = 1, 2 do
  akt.spawn_monitor(function() store:ask("set", store:ask("get") + 1) end)
end
for _ = 1, 2 do akt.receive{ down = function() end } end
assert(store:ask("get") == 2, "an update was lost")
