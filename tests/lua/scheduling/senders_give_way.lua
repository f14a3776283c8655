-- flags: --workers 1
-- skip-tsan: a slice of 1 ms ends there before a visit does
-- A turn that sends and sends gives way, long before its slice is over: so
-- mailboxes of this size do not fill, in its isolate or in another one.
local akt = require "akt"
local Sink = akt.actor "sink"
Sink.mailbox = { max = 4096, full = "error" }
function Sink:init() self.n = 0 end
function Sink.on:take() self.n = self.n + 1 end
function Sink.on:count() return self.n end

local Source = akt.actor "source"
function Source:init(sink) self.sink = sink end
function Source.on:send(n)
  for _ = 1, n do self.sink:send("take") end
  return self.sink:ask("count")
end

local sink = akt.spawn(Sink)
for _ = 1, 20000 do sink:send("take") end
print(sink:ask("count")) -- expect: 20000

local home, near = akt.info(sink).isolate, nil
repeat near = akt.spawn(Source, sink) until akt.info(near).isolate == home
print(near:ask("send", 20000)) -- expect: 40000

-- Of many senders each gives way as soon as the mailbox is long (1,024), and the
-- receiver goes next.
local sources = {}
for i = 1, 60 do
  sources[i] = akt.async(akt.spawn(Source, sink), "send", 2000)
end
akt.all(table.unpack(sources))
print(sink:ask("count")) -- expect: 160000
