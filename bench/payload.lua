-- SPDX-License-Identifier: MIT
-- payload [messages]: a table of ten fields (a record of a user: three strings,
-- three integers, two floats, two booleans), made anew for each message. The
-- receiver looks at two of them; after every 1,000 the sender waits for it.
--
-- In Erlang it is a map, once with atoms as keys and once with binaries (a
-- decoded JSON object); here keys are strings, so both stand beside the same
-- program.

local akt = require "akt"

local messages = tonumber((...)) or 500000

local CHUNK = 1000

local Receiver = akt.actor "payload_receiver"

function Receiver:init() self.handled, self.sum = 0, 0 end

function Receiver.on:user(user)
  self.handled = self.handled + 1
  self.sum = self.sum + user.id + #user.name
end

function Receiver.on:sync() return self.handled, self.sum end

local Sender = akt.actor "payload_sender"

function Sender.on:run(receiver, n)
  for i = 1, n do
    receiver:send("user", {
      id = i, name = "Grace Hopper", email = "grace@example.org",
      city = "Arlington", age = 85, score = 99.5, height = 1.68,
      visits = i * 3, active = true, admin = false,
    })
    if i % CHUNK == 0 then receiver:ask("sync") end
  end
  return receiver:ask("sync")
end

local function run(n)
  local receiver, sender = akt.spawn(Receiver), akt.spawn(Sender)
  local start = akt.clock()
  local handled, sum = akt.within(600, akt.ask, sender, "run", receiver, n)
  local seconds = akt.clock() - start
  assert(handled == n, "messages were lost")
  assert(sum == n * (n + 1) // 2 + n * 12, "wrong contents")
  return seconds
end

run(math.max(messages // 10, 1))
for _, keys in ipairs { "atoms", "binaries" } do
  print(("payload.%s  %.0f messages/s"):format(keys, messages / run(messages)))
end
