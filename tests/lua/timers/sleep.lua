-- flags: --sim --seed 7
local akt = require "akt"
local start = akt.clock()
akt.sleep(3.25)
print(akt.clock() - start)    -- expect: 3.25
akt.sleep(0)
akt.sleep(86400 * 365)        -- virtual time is quick
print(akt.clock() > 86400)    -- expect: true
