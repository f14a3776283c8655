-- seeds: 5
-- Death by a link restarts permanent and transient actors, not temporary ones.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init() self.up = true end
function W:post_restart(reason) main:send("restarted", reason) end
function W.on:link(pid) akt.link(pid) end
function W.on:restarts() return akt.info().restarts end

for _, restart in ipairs { "permanent", "transient", "temporary" } do
  local peer = akt.spawn(W)
  local w = akt.spawn_opt({ restart = restart }, W)
  local ref = akt.monitor(w)
  w:ask("link", peer)
  akt.stop(peer, "gone")
  print(restart, akt.receive {
    restarted = function(reason) return "restarted", reason end,
    down = function(r, _, reason) return r == ref and "down", reason end,
  })
end
-- expect: permanent	restarted	gone
-- expect: transient	restarted	gone
-- expect: temporary	down	gone
