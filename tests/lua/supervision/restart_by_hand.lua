-- seeds: 5
-- akt.restart(pid) restarts in order, with the arguments of its spawn, also
-- an actor that is not restarted by its supervisor.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(x) self.x = x end
function W.on:set(x) self.x = x end
function W.on:get() return self.x end
function W:pre_restart() main:send("pre_restart", self.x) end

for _, restart in ipairs { "permanent", "temporary" } do
  local w = akt.spawn_opt({ restart = restart }, W, "new")
  w:ask("set", "old")
  print(akt.restart(w)) -- expect: true
  print(akt.receive())  -- expect: pre_restart	old
  print(w:ask("get"))   -- expect: new
end
-- expect: true
-- expect: pre_restart	old
-- expect: new
