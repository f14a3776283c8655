-- flags: --sim --seed 2
-- Unstashed messages come first within their level, in order.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { priority = { high = 1, open = 5, wait = 9 } }
function K.on:open()
  self.open = true
  for _, n in ipairs { 3, 4 } do
    akt.self():send("plain", n)
    akt.self():send("high", n)
  end
  akt.unstash_all()
end
function K.on:wait() akt.sleep(1) end
for _, tag in ipairs { "plain", "high" } do
  K.on[tag] = function(self, n)
    if not self.open then return akt.stash() end
    io.write(tag, n, " ")
  end
end
local k = akt.spawn(K)
for n = 1, 2 do
  k:send("plain", n)
  k:send("high", n)
end
akt.sleep(1)
k:send("open")
akt.sleep(1)
print()
-- expect: high1 high2 high3 high4 plain1 plain2 plain3 plain4 
