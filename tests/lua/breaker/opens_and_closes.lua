-- flags: --sim --seed 3
-- Closed, open, half open, and back, with the defaults.
local akt = require "akt"

local b = akt.breaker()
local ok, bad = function() return "ok", 2 end, function() error("no") end

for _ = 1, 5 do assert(b:call(ok) == "ok") end
for _ = 1, 4 do assert(not pcall(b.call, b, bad)) end
print(b:state())                              -- expect: closed
print(pcall(b.call, b, bad))
-- expect: false	tests/lua/breaker/opens_and_closes.lua:6: no
print(b:state())                              -- expect: open

local _, err = akt.try(b.call, b, ok)
print(err.code, err.retry_after)              -- expect: breaker_open	30.0
print(tostring(b):match("^<ref"))             -- expect: <ref

akt.sleep(29.9)
print(b:state())                              -- expect: open
akt.sleep(0.1)
print(b:state())                              -- expect: half_open
print(b:call(ok))                             -- expect: ok	2
print(b:state())                              -- expect: closed

for _ = 1, 10 do pcall(b.call, b, bad) end
akt.sleep(30)
pcall(b.call, b, bad)
print(b:state())                              -- expect: open
local m = b:metrics()
print(m.state, m.opened, m.rejected, m.succeeded, m.failed, m.late, m.ignored)
-- expect: open	3	1	6	16	0	0
