-- seeds: 5
local akt = require "akt"

local p, ref = akt.spawn_monitor(function(...) assert(select("#", ...) == 2) end, 1, nil)
local tag, r, who, reason = akt.receive()
print(tag, r == ref, who == p, reason) -- expect: down	true	true	normal
p, ref = akt.spawn_opt({ monitor = true }, function() end)
tag, r, who, reason = akt.receive()
print(tag, r == ref, who == p, reason) -- expect: down	true	true	normal
