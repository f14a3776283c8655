-- seeds: 5
-- detached: a child of /user; it outlives its spawner.
local akt = require "akt"

local W = akt.actor "w"
function W.on:parent() return akt.parent() end
local S = akt.actor "s"
function S.on:spawn()
  return akt.spawn_opt({ detached = true }, W), akt.spawn(W)
end

local s, ref = akt.spawn_monitor(S)
local detached, child = s:ask("spawn")
print(detached:ask("parent"), child:ask("parent") == s) -- expect: </user>	true
s:stop()
akt.receive { down = function(r) assert(r == ref) end }
print(akt.alive(detached), akt.alive(child)) -- expect: true	false
