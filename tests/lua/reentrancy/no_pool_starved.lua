-- Hundreds of handlers that wait for an answer hold no worker (GoAkt #1290: its
-- asks block the pool), and a circle of reentrant actors is none.
-- flags: --workers 1
local akt = require "akt"
local Ring = akt.actor "ring"
Ring.reentrant = true
function Ring.on:to(next_pid) self.next = next_pid end
function Ring.on:go(hops)
  if hops == 0 then return akt.self() end
  return self.next:ask("go", hops - 1)
end
local actors = {}
for i = 1, 10 do actors[i] = akt.spawn(Ring) end
for i = 1, 10 do actors[i]:send("to", actors[i % 10 + 1]) end
local fs = {}
for i = 1, 100 do fs[i] = akt.async(actors[i % 10 + 1], "go", 12) end
local n = 0
for i = 1, 100 do if fs[i]:wait() then n = n + 1 end end
print(n)                            -- expect: 100
