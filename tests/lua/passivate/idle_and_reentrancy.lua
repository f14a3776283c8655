-- flags: --sim --seed 1
-- No message is handled beside idle(), even if handlers may run beside each
-- other: its end must not be the end of what has come meanwhile.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
A.passivate = { after = 10 }
function A:idle() akt.sleep(1) end
function A.on:add() end
function A.on:slow() akt.sleep(3) return "slow" end
local a = akt.spawn(A)
a:ask("add")
akt.sleep(10.5)
print(akt.info(a).state)            -- expect: waiting
local f = akt.async(a, "slow")
akt.sleep(1)
print(akt.stats().passivated)       -- expect: 1
print(f:wait())                     -- expect: slow
