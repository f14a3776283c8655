-- flags: --sim --seed 1
-- A routee that is passivated gets its part: it wakes for it.
local akt = require "akt"
local W = akt.actor "worker"
W.passivate = { after = 10 }
function W.on:work() return akt.self() end
for _, strategy in ipairs { "round_robin", "random", "smallest_mailbox" } do
  local r = akt.router { strategy = strategy, kind = W, size = 3 }
  local first, second, third = table.unpack(r:routees())
  first:ask("work")
  akt.sleep(5)
  second:ask("work")
  third:ask("work")
  akt.sleep(6)
  local was, n = akt.info(first).state, 0
  for _ = 1, 30 do n = n + (r:ask("work") == first and 1 or 0) end
  print(strategy, was, n > 5)
end
-- expect: round_robin	passivated	true
-- expect: random	passivated	true
-- expect: smallest_mailbox	passivated	true
akt.exit()
