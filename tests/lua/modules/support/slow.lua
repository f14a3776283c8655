local akt = require "akt"
local n = 0
for i = 1, 200000 do n = n + i % 3 end
local Slow = akt.actor "slow"
function Slow.on:get() return 1 end
return { n = n, Slow = Slow }
