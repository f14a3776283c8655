-- What nothing has caused begins a trace of its own: sends of main, each tick
-- of an interval; no two are alike, on any worker.
-- flags: --workers 4
local akt = require "akt"

local Teller = akt.actor "teller"
function Teller.on:tell() return akt.trace_id() end

local Ticker = akt.actor "ticker"
function Ticker:init(n)
  self.left, self.seen, self.first = n, {}, akt.trace_id()
  self.timer = akt.every(0.001, "tick")
end
function Ticker.on:tick()
  local id = akt.trace_id()
  assert(not self.seen[id] and id ~= self.first)
  self.seen[id], self.left = true, self.left - 1
  if self.left == 0 then self.timer:cancel() end
end
function Ticker.on:is_done() return self.left <= 0 end

local seen = {}
for _ = 1, 8 do
  local teller = akt.spawn_opt({ isolate = true }, Teller)
  for _ = 1, 200 do
    local id = teller:ask("tell")
    assert(not seen[id], "twice")
    seen[id] = true
  end
end
local ticker = akt.spawn(Ticker, 5)
while not ticker:ask("is_done") do akt.sleep(0.001) end
