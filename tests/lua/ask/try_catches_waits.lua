-- flags: --sim --seed 7
local akt = require "akt"
local function f(x) akt.sleep(1); return x, akt.ask("nobody", "x") end
local v, err = akt.try(f, 1)
print(v, err.code)                                     -- expect: nil	noproc
print(akt.try(function(x) akt.sleep(1) return x end, 5)) -- expect: 5
print(pcall(function(x) akt.sleep(1) return x end, 5)) -- expect: true	5
print(select("#", akt.try(function() akt.sleep(1); return akt.try(f, 2) end)))
-- expect: 2
