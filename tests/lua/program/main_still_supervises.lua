-- A main that has finished restarts its children, and fails with them.
-- flags: --sim --seed 1
-- exit: 1
local akt = require "akt"

local W = akt.actor "w"
function W:init() akt.after(0.1, "boom") print "up" end
function W.on:boom() error("bang", 0) end
akt.spawn_opt({ restart = "permanent" }, W)
-- expect: up
-- expect: up
-- expect: up
-- expect: up
-- expect: up
-- expect: up
-- expect-err: restart  5 of 5
-- expect-err: the limit of 5 in 10 s is reached
