-- Reentrant actors are reloaded under load. Handlers in flight are all of one
-- version, none is in flight when an actor changes, and no message is lost.
local akt = require "akt"
local ACTORS, MESSAGES, RELOADS = 10, 120, 5
local defined = akt.now() -- another one in every version

local Sink = akt.actor "sink"
Sink.reentrant = { "put", max = 7 }
function Sink:init() self.live, self.n, self.upgrades = 0, 0, 0 end
function Sink.on:put(i)
  assert(self.live < 7)
  if self.live > 0 then assert(self.version == defined, "two versions") end
  assert(not self.version or self.version <= defined, "an older version")
  self.version = defined
  self.live = self.live + 1
  if i % 3 == 0 then akt.sleep(0.001) end
  if i % 10 == 0 then akt.task(function() akt.sleep(0.001) end):wait() end
  assert(self.version == defined, "changed in between")
  self.live = self.live - 1
  self.n = self.n + 1
end
function Sink:upgrade()
  assert(self.live == 0)
  if self.n % 4 == 1 then error("not now", 0) end
  self.upgrades = self.upgrades + 1
end
function Sink.on:sum() return self.n, self.upgrades end

local sinks = {}
for i = 1, ACTORS do sinks[i] = akt.spawn(Sink) end
akt.spawn(function()
  for i = 1, MESSAGES do
    for _, s in ipairs(sinks) do s:send("put", i) end
    if i % 10 == 0 then akt.sleep(0.001) end
  end
end)
for _ = 1, RELOADS do
  local report, err = akt.reload()
  assert(report, err and err.message)
  akt.sleep(0.004)
end
local upgrades = 0
for _, s in ipairs(sinks) do
  local n, u
  repeat
    akt.sleep(0.001)
    n, u = s:ask("sum")
  until n == MESSAGES
  upgrades = upgrades + u
end
assert(upgrades > 0)
print "ok"
akt.exit(0)
