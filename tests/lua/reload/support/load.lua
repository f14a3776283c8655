-- Actors under load are reloaded again and again, while some crash, are
-- restarted, or refuse the new version. Every message is handled once and in
-- order; an actor never goes back to an older version.
local akt = require "akt"
local ACTORS, MESSAGES, RELOADS = 40, 300, 6
local defined = akt.now() -- another one in every version

local Sink = akt.actor "sink"
function Sink:init(first) self.next, self.first = 1, first end
function Sink.on:put(i)
  if i ~= self.next then error("expected " .. self.next .. ", got " .. i) end
  self.next = i + 1
  if i % 50 == 0 then akt.sleep(0.001) end
  if self.seen and self.seen > defined then error("an older version") end
  self.seen = defined
end
function Sink:upgrade()
  if self.next % 3 == 0 then error("not now", 0) end
  self.upgrades = (self.upgrades or 0) + 1
end
function Sink.on:sum() return self.next - 1, self.upgrades or 0 end

local Fragile = akt.actor "fragile"
function Fragile.on:hit(n)
  self.defined = defined
  if n % 7 == 0 then error("hit", 0) end
end
function Fragile:upgrade()
  if akt.info().restarts % 2 == 0 then error("no", 0) end
end

local Boss = akt.actor "boss"
Boss.supervise = { max = 1e9, backoff = { 0, 0 } }
function Boss:init()
  self.child = akt.spawn_opt({ restart = "permanent" }, Fragile)
end
function Boss.on:child() return self.child end

local sinks, fragiles = {}, {}
for i = 1, ACTORS do
  sinks[i] = akt.spawn(Sink)
  fragiles[i] = akt.spawn(Boss):ask("child")
end
akt.spawn(function()
  for i = 1, MESSAGES do
    for _, s in ipairs(sinks) do s:send("put", i) end
    for _, f in ipairs(fragiles) do f:send("hit", i) end
    if i % 10 == 0 then akt.sleep(0.001) end
  end
end)
for _ = 1, RELOADS do
  local report, err = akt.reload()
  assert(report, err and err.message)
  akt.sleep(0.005)
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
print("ok")
akt.exit(0)
