-- The orderly end takes 5 s at most, then the rest is killed.
-- flags: --sim --seed 1
-- exit: 2
local akt = require "akt"
local W = akt.actor "w"
function W:terminate() akt.sleep(1e6) end
for _ = 1, 10 do akt.spawn_opt({ shutdown = math.huge }, W) end
akt.exit(2)
