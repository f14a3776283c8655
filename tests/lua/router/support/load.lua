-- Senders send numbered messages by a router, while its size changes, its
-- routees crash, are restarted by hand, and wait. Every number must be handled
-- exactly once; but one that is in progress when its routee is restarted by hand
-- is a dead letter, maybe before it could do anything. Prints ok.
local akt = require "akt"

local strategy = ...
local SENDERS, EACH = 4, 150

local Ledger = akt.actor "ledger"
function Ledger:init() self.seen, self.n, self.failed = {}, 0, 0 end
function Ledger.on:fails() self.failed = self.failed + 1 end
function Ledger.on:mark(id)
  self.seen[id] = (self.seen[id] or 0) + 1
  self.n = self.n + 1
end
function Ledger.on:totals()
  for id, times in pairs(self.seen) do
    if times ~= 1 then return nil, id .. " was handled " .. times .. " times" end
  end
  -- dead letters of those that did not fail by themselves
  return self.n + (akt.stats().dead_letters.crashed or 0) - self.failed
end

local Worker = akt.actor "worker"
Worker.mailbox = { max = 5 }
function Worker:init(ledger) self.ledger = ledger end
function Worker.on:work(id)
  self.ledger:send("mark", id)
  if id % 7 == 0 then akt.sleep(0.001) end
  if id % 23 == 0 then
    self.ledger:send("fails")
    error("id " .. id)
  end
end

local Sender = akt.actor "sender"
function Sender.on:run(router, from, to)
  for id = from, to do
    local ok, why = router:send("work", id)
    assert(ok, why)
    if id % 10 == 0 then akt.sleep(0.0005) end
  end
end

local ledger = akt.spawn(Ledger)
local router = akt.router {
  strategy = strategy, kind = Worker, size = 3, args = { ledger },
  key = strategy == "consistent_hash" and function(_, id) return id end or nil,
  supervise = { max = 1000, backoff = { 0.001, 0.002 } },
}

local function disturb()
  for i = 1, 20 do
    router:resize(1 + math.random(6))
    local list = router:routees()
    akt.restart(list[math.random(#list)])
    akt.sleep(0.001)
  end
end

local runs = {}
for i = 1, SENDERS do
  runs[i] = akt.async(akt.spawn(Sender), "run", router,
                      (i - 1) * EACH + 1, i * EACH)
end
disturb()
akt.within(60, function() akt.all(table.unpack(runs)) end)
local total, wrong
akt.within(60, function()
  repeat
    akt.sleep(0.01)
    total, wrong = ledger:ask("totals")
  until wrong or total >= SENDERS * EACH
end)
assert(not wrong, wrong)
akt.sleep(0.05)
total, wrong = ledger:ask("totals")
assert(not wrong and total >= SENDERS * EACH, wrong or total)
print "ok"
