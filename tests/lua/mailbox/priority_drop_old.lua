-- flags: --sim --seed 2
-- The oldest of the lowest level goes, which may be the new one itself.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { max = 3, full = "drop_old", priority = { high = 1, low = -1 } }
function K.on:wait() akt.sleep(1) end
for _, tag in ipairs { "plain", "high", "low" } do
  K.on[tag] = function(_, n) io.write(tag, n, " ") end
end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.1)
for n = 1, 2 do k:send("low", n) end
k:send("high", 1)
k:send("plain", 1) -- low1 goes
k:send("low", 3)   -- low2
k:send("high", 2)  -- low3
k:send("low", 4)   -- itself
k:send("plain", 2) -- plain1
akt.sleep(2)
print()
print(akt.stats().dead_letters.overloaded)
-- expect: high1 high2 plain2 
-- expect: 5
