-- seeds: 5
-- All kinds of data arrive as they were sent: integers stay integers, floats
-- floats, nils keep their place, the last one too.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(...) return ... end
function Echo.on:count(...) return select("#", ...) end
local e = akt.spawn(Echo)
print(e:ask("same", 1, 1.0, -0.0, true, false, nil, 2^53))
-- expect: 1	1.0	-0.0	true	false	nil	9.007199254741e+15
print(math.type(e:ask("same", 3)), math.type(e:ask("same", 3.0)))
-- expect: integer	float
print(e:ask("count"))              -- expect: 0
print(e:ask("count", nil))         -- expect: 1
print(e:ask("count", nil, 1, nil, nil)) -- expect: 4
print(select("#", e:ask("same")))  -- expect: 0
print(select("#", e:ask("same", nil, nil))) -- expect: 2
print(e:ask("same", math.maxinteger, math.mininteger, math.huge, -math.huge))
-- expect: 9223372036854775807	-9223372036854775808	inf	-inf
local nan = e:ask("same", 0/0)
print(nan ~= nan)                  -- expect: true
print(e:ask("same", e) == e, e:ask("same", akt.self()) == akt.self())
-- expect: true	true
local ref = akt.monitor(e)
print(e:ask("same", ref) == ref)   -- expect: true
