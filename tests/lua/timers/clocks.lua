-- flags: --sim --seed 7
local akt = require "akt"
local now, clock = akt.now(), akt.clock()
akt.sleep(10)
print(math.floor(akt.now() - now + 0.5), math.floor(akt.clock() - clock + 0.5)) -- expect: 10	10
print(math.type(now), math.type(clock)) -- expect: float	float
