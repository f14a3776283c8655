-- seeds: 5
-- As in Erlang, an actor that stops itself ends by its own will: a permanent
-- one is restarted, a transient one if the reason is not normal.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:post_restart(reason) main:send("restarted", reason) end
function W.on:quit(reason)
  akt.stop(nil, reason)
  main:send("still in its handler")
end

for _, restart in ipairs { "permanent", "transient", "temporary" } do
  for _, reason in ipairs { "normal", "tired" } do
    local w = akt.spawn_opt({ restart = restart }, W)
    local ref = akt.monitor(w)
    w:send("quit", reason)
    akt.receive { ["still in its handler"] = function() end }
    print(restart, akt.receive {
      restarted = function(why) return "restarted", why end,
      down = function(r, _, why) return r == ref and "down", why end,
    })
  end
end
-- expect: permanent	restarted	normal
-- expect: permanent	restarted	tired
-- expect: transient	down	normal
-- expect: transient	restarted	tired
-- expect: temporary	down	normal
-- expect: temporary	down	tired
