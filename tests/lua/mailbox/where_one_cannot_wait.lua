-- flags: --sim --seed 7
-- Full, and the sender is where it cannot wait: `overloaded` at once.
local akt = require "akt"
local R = akt.actor "r"
R.mailbox = { max = 1 }
function R.on:x() akt.sleep(1) end
local r = akt.spawn(R)
r:send("x")
akt.sleep(0)
r:send("x")
local t = setmetatable({}, { __tostring = function() r:send("x") end })
print(select(2, akt.try(tostring, t)).code)   -- expect: overloaded
