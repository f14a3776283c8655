-- SPDX-License-Identifier: MIT
-- fanin [senders] [messages each] [chunk]: many senders, one receiver.
--
-- The senders send as fast as they can; at the end each asks the sink for a
-- sync, and its answer means that all of that sender's messages are handled,
-- because their order is kept. With a chunk, a sender syncs after every that
-- many messages too, which keeps the queue short.

local akt = require "akt"

local senders, each, chunk = ...
senders = tonumber(senders) or 16
each = tonumber(each) or 200000

chunk = tonumber(chunk) or 0

local Sink = akt.actor "fanin_sink"

function Sink:init() self.handled, self.sum = 0, 0 end

function Sink.on:add(k)
  self.handled = self.handled + 1
  self.sum = self.sum + k
end

function Sink.on:sync() return true end
function Sink.on:totals() return self.handled, self.sum end

local Sender = akt.actor "fanin_sender"

function Sender.on:run(sink, n, chunk)
  for i = 1, n do
    sink:send("add", i)
    if chunk > 0 and i % chunk == 0 then sink:ask("sync") end
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
      runs[i] = akt.async(sender, "run", sink, n, chunk)
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
