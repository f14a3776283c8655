-- seeds: 5
-- akt.info knows an actor from its first moment on.
local akt = require "akt"

local W = akt.actor "w"
local w = akt.spawn(W)
print(akt.info(w).kind) -- expect: w
