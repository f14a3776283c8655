-- flags: --sim
-- timeout: 20
-- seeds: 5
-- Timers fire beside actors that never rest.
local akt = require "akt"
local P = akt.actor "p"
function P.on:ball(other) other:send("ball", akt.self()) end
local a, b = akt.spawn(P), akt.spawn(P)
a:send("ball", b)
akt.sleep(0.05)
akt.spawn(function() while true do end end)
akt.sleep(0.05)
print "done"                                    -- expect: done
akt.exit(0)
