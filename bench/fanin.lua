-- SPDX-License-Identifier: MIT
-- fanin [senders] [messages each]: many senders, one receiver.
--
-- Every 1,000 messages a sender asks the sink for a sync and waits for the
-- answer, so at most senders x 1,001 messages are queued: the mailbox bound
-- (65,536) is not reached and what is measured is handling, not queueing.
-- The answer to a sender's last sync means that all its messages are handled,
-- because the order of one sender's messages is kept.

local akt = require "akt"

local senders, each = ...
senders = tonumber(senders) or 16
each = tonumber(each) or 200000

local CHUNK = 1000

local Sink = akt.actor "fanin_sink"

function Sink:init() self.handled, self.sum = 0, 0 end

function Sink.on:add(k)
  self.handled = self.handled + 1
  self.sum = self.sum + k
end

function Sink.on:sync() return true end
function Sink.on:totals() return self.handled, self.sum end

local Sender = akt.actor "fanin_sender"

function Sender.on:run(sink, n)
  for i = 1, n do
    sink:send("add", i)
    if i % CHUNK == 0 then sink:ask("sync") end
  end
  sink:ask("sync")
end

local sink = akt.spawn(Sink)
local crew = {}
for i = 1, senders do crew[i] = akt.spawn(Sender) end

local function run(n)
  local start = akt.clock()
  akt.within(600, function()
    local runs = {}
    for i, sender in ipairs(crew) do
      runs[i] = akt.async(sender, "run", sink, n)
    end
    akt.all(table.unpack(runs))
  end)
  return akt.clock() - start
end

local function sum_to(n) return n * (n + 1) // 2 end

local warm_up = math.max(each // 10, 1)
run(warm_up)
local seconds = run(each)

local handled, sum = sink:ask("totals")
assert(handled == senders * (warm_up + each), "messages were lost")
assert(sum == senders * (sum_to(warm_up) + sum_to(each)), "wrong contents")
print(string.format("fanin  %.0f messages/s", senders * each / seconds))
