-- flags: --sim --seed 7
-- Main's text has ended: its timers to itself are in vain and do not keep the
-- program alive; those to others go on.
local akt = require "akt"
local A = akt.actor "a"
function A.on:tick() print("tick") akt.stop() end  -- expect: tick
akt.every(1, "mine")
akt.after(3600, "mine")
akt.after_opt(2, "tick", { to = akt.spawn(A) })
