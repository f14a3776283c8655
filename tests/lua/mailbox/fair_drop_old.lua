-- flags: --sim --seed 2
-- Who has the longest queue loses its oldest message and the turn of it; others
-- lose nothing.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { fair = true, max = 4, full = "drop_old" }
function K.on:wait() akt.sleep(1) end
function K.on:m(who, n) io.write(who, n, " ") end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.1)
local function sender(who, count) for n = 1, count do k:send("m", who, n) end end
for who, n in ipairs { 1, 100, 1 } do
  akt.spawn(sender, string.char(64 + who), n)
  akt.sleep(0.1)
end
akt.sleep(2)
print()
-- expect: A1 C1 B99 B100 
