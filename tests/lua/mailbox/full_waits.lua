-- flags: --sim --seed 7
-- A full mailbox makes its senders wait, in order, until there is room.
local akt = require "akt"
local Slow = akt.actor "slow"
Slow.mailbox = { max = 2 }
function Slow.on:job(i) akt.sleep(1) print("job", i) end
local s = akt.spawn(Slow)
for i = 1, 6 do
  print(s:send("job", i))
end
local at = math.floor(akt.clock())
print("sent", akt.info(s).mailbox <= 2)
-- expect: true
-- expect: true
-- expect: true
-- expect: job	1
-- expect: true
-- expect: job	2
-- expect: true
-- expect: job	3
-- expect: true
-- expect: sent	true
-- expect: job	4
-- expect: job	5
-- expect: job	6
