-- flags: --sim
-- seeds: 5
-- A link ends a process where it waits, also in an ask or a sleep.
local akt = require "akt"

local W = akt.actor "w"
function W.on:never() akt.receive({}) end

for _, how in ipairs { "receive", "ask", "sleep" } do
  local w = akt.spawn(W)
  local main = akt.self()
  local p, ref = akt.spawn_monitor(function()
    akt.link(w)
    main:send("linked")
    if how == "receive" then akt.receive({}) end
    if how == "ask" then akt.within(1e6, akt.ask, main, "never") end
    akt.sleep(1e6)
  end)
  akt.receive { linked = function() end }
  w:stop("gone")
  akt.receive { down = function(r, who, reason)
    print(how, r == ref, who == p, reason)
  end }
end
-- expect: receive	true	true	gone
-- expect: ask	true	true	gone
-- expect: sleep	true	true	gone
