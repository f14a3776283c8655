-- flags: --sim --seed 7
-- The receiver ends while a sender waits for room: nil, noproc.
local akt = require "akt"
local R = akt.actor "r"
R.mailbox = { max = 1 }
function R.on:x() akt.sleep(1) end
local r = akt.spawn(R)
r:send("x")
akt.sleep(0)
r:send("x")
akt.spawn(function(r) akt.sleep(0.5) akt.kill(r) end, r)
print(r:send("x"))  -- expect: nil	noproc
