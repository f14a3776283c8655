-- SPDX-License-Identifier: MIT
-- A mailbox of over 10,000 messages that goes on growing is told once.
-- expect-err: warning[mailbox_growth]: <slow#
-- expect-err: gets more than it handles
local akt = require "akt"

local Slow = akt.actor "slow"
Slow.mailbox = { max = 1000000 }
function Slow.on:note() akt.sleep(1000) end

local slow = akt.spawn(Slow)
local from = akt.clock()
while akt.clock() - from < 2 do
  for _ = 1, 200 do slow:send("note") end
  akt.sleep(0.005)
end
akt.exit(0)
