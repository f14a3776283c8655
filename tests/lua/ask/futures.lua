-- flags: --sim --seed 7
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:later(s, ...) akt.sleep(s); return ... end
local function go(s, ...) return akt.async(akt.spawn(Echo), "later", s, ...) end
local start = akt.clock()
local function at() return math.floor(akt.clock() - start + 0.5) end
local f = go(2, "a", "b", nil)
print(f:done(), tostring(f):match("^future"))  -- expect: false	future
print(f:wait())                -- expect: a	b	nil
print(at())                    -- expect: 2
local g, h = go(3, "g"), go(1, "h")
print(akt.all(g, h))           -- expect: g	h
print(at())                    -- expect: 5
g, h = go(3, "g"), go(1, "h")
print(akt.first(g, h))         -- expect: h
print(at(), g:done(), h:done()) -- expect: 6	false	true
print(akt.first(g))            -- expect: g
print(akt.all())               -- expect: 
