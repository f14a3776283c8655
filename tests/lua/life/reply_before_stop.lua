-- An ask in progress is answered by the handler that a stop lets finish.
-- flags: --sim --seed 2
local akt = require "akt"
local W = akt.actor "w"
function W.on:slow() akt.sleep(1) return "done" end
local w = akt.spawn(W)
local f = w:async("slow")
akt.sleep(0.1)
w:stop()
print(f:wait()) -- expect: done
