-- Actors subscribe, unsubscribe, crash and end while others make events on
-- four workers; all that one gets who stays is well formed, and what it does
-- not get is counted.
-- flags: --workers 4 --crash-reports off
local akt = require "akt"

local ROUNDS = 150
local gone = akt.spawn(function() end)

local Noisy = akt.actor "noisy"
function Noisy.on:run(n, gone)
  for i = 1, n do
    gone:send("late", i)
    local child = akt.spawn(Noisy)
    if i % 2 == 0 then akt.try(akt.ask, child, "die") else akt.stop(child) end
  end
end
function Noisy.on:die() error("dies") end

local Fickle = akt.actor "fickle"
function Fickle.on:run(n)
  for i = 1, n do
    akt.events.subscribe { max = i % 7 + 1, severity = i % 2 == 0 and "error" or nil }
    akt.sleep(0)
    if i % 3 == 0 then akt.events.unsubscribe() end
  end
end
function Fickle.on:event() end
function Fickle.on:lagged() end

local Listener = akt.actor "listener"
function Listener:init()
  self.n, self.lost = 0, 0
  akt.events.subscribe { severity = "trace", max = 50 }
end
function Listener.on:event(e)
  assert(type(e.type) == "string" and type(e.at) == "number" and e.count == 1)
  if e.type == "dead_letter" and e.tag == "late" then
    assert(math.type(e.args[1]) == "integer")
  end
  self.n = self.n + 1
end
function Listener.on:lagged(n) self.lost = self.lost + n end
function Listener.on:figures() return self.n, self.lost end

local function own(kind)
  return akt.spawn_opt({ isolate = true, restart = "permanent" }, kind)
end
local listener = own(Listener)
local runs = {}
akt.within(120, function()
  for _ = 1, 3 do
    runs[#runs + 1] = akt.async(own(Noisy), "run", ROUNDS, gone)
    runs[#runs + 1] = akt.async(own(Fickle), "run", ROUNDS)
  end
  akt.all(table.unpack(runs))
  repeat
    local delivered, lost, got, lagged = 0, 0, listener:ask("figures")
    for _, s in ipairs(akt.events.stats().subscribers) do
      if s.pid == listener then delivered, lost = s.delivered, s.lost end
    end
  until got == delivered and lagged == lost
end)
