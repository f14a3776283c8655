-- seeds: 5
-- The answer is taken once; a second wait raises `gone` at once.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(...) return ... end
local e = akt.spawn(Echo)
local f = akt.async(e, "same", 1)
print(f:wait())                                   -- expect: 1
print(f:done())                                   -- expect: true
print(select(2, akt.try(f.wait, f)).code)         -- expect: gone
print(select(2, akt.try(akt.first, f)).code)      -- expect: gone
