-- Sends more than a mailbox holds, and can end then.
local akt = require "akt"
local Burst = akt.actor "burst"
function Burst.on:go(to, count, stop)
  for n = 1, count do to:send("item", n) end
  if stop then akt.stop() end
end
function Burst.on:hello() end

print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive {}
