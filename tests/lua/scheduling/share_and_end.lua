-- flags: --sim --seed 1
-- A program does not end while one that has used its share has work left.
local akt = require "akt"
local W = akt.actor "w"
function W.on:burn() local t = akt.clock() + 0.2 while akt.clock() < t do end self.n = (self.n or 0) + 1 end
function W.on:done() print("done", self.n) end
local w = akt.spawn_opt({ cpu = "20%" }, W)
for _ = 1, 5 do w:send("burn") end
w:send("done")
-- expect: done	5
