-- seeds: 5
-- A function of a receive may receive: each message gets its own answer.
local akt = require "akt"
local p = akt.spawn(function()
  akt.receive{ outer = function(x)
    local y = akt.receive{ inner = function(y) return y * 2 end }
    local tag, z = akt.receive()
    return x + y + z
  end }
  akt.receive{ last = function() return akt.sender() ~= nil end }
end)
local f = akt.async(p, "outer", 1)
local g = akt.async(p, "inner", 10)
p:send("plain", 100)
print(g:wait(), f:wait())   -- expect: 20	121
print(p:ask("last"))        -- expect: true
