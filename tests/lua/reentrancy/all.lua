-- flags: --sim
-- seeds: 5
-- With `reentrant = true` other messages are handled while a handler waits; an
-- actor may even ask itself.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:slow(n) akt.sleep(0.001 * (20 - n)) return n end
function A.on:count(n)
  if n == 0 then return 0 end
  return 1 + akt.ask(akt.self(), "count", n - 1)
end
local a = akt.spawn(A)
local order, fs = {}, {}
for i = 1, 20 do fs[i] = akt.async(a, "slow", i) end
for i = 1, 20 do assert(fs[i]:wait() == i) end
print(a:ask("count", 50))           -- expect: 50
print(akt.info(a).in_flight)        -- expect: 0
