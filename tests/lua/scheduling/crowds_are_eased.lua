-- flags: --workers 1
-- skip-tsan: a slice of 1 ms ends there before a visit does
-- Many senders, one receiver: each gives way as soon as the mailbox is long, and
-- the receiver goes next, so that a mailbox of this size does not fill.
local akt = require "akt"
local Sink = akt.actor "sink"
Sink.mailbox = { max = 4096, full = "error" }
function Sink:init() self.n = 0 end
function Sink.on:take() self.n = self.n + 1 end
function Sink.on:count() return self.n end

local Source = akt.actor "source"
function Source.on:send(sink, n)
  for _ = 1, n do sink:send("take") end
end

local sink, sources = akt.spawn(Sink), {}
for i = 1, 60 do sources[i] = akt.async(akt.spawn(Source), "send", sink, 2000) end
akt.all(table.unpack(sources))
print(sink:ask("count")) -- expect: 120000
