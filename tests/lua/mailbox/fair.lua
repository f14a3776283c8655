-- flags: --sim --seed 2
-- By turns among senders, each one's messages in order: who sends much does not
-- keep others waiting.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { fair = true }
function K.on:wait() akt.sleep(1) end
function K.on:m(who, n) io.write(who, n, " ") end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.1)
local function sender(who, count) for n = 1, count do k:send("m", who, n) end end
for who, n in ipairs { 5, 2, 3 } do
  akt.spawn(sender, string.char(64 + who), n)
  akt.sleep(0.1)
end
akt.sleep(2)
print()
-- expect: A1 B1 C1 A2 B2 C2 A3 C3 A4 A5 
