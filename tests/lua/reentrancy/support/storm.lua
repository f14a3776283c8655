-- Reentrant actors ask each other and themselves, wait, run tasks, stash,
-- crash, are restarted and stopped. Every ask ends: with the answer to this
-- very request, or with an error that says why not. What a handler has in its
-- locals, and who it answers, stays its own over every wait.
local akt = require "akt"
local CLIENTS, ASKS, WORKERS = 8, 40, 5

local Worker = akt.actor "worker"
Worker.reentrant = { "job", "echo", max = 30 }
function Worker:init() self.live = 0 end

local function nap() akt.sleep(math.random(0, 3) / 1000) end

function Worker.on:job(id, depth, peers)
  local sender, mine = akt.sender(), { id = id }
  self.live = self.live + 1
  assert(self.live <= 30, "over the limit")
  nap()
  if depth > 0 then
    local peer = peers[math.random(#peers)]
    local r, err = akt.try(akt.ask, peer, "job", id + 1, depth - 1, peers)
    assert(r == nil or r == (id + 1) * 2, "another one's answer")
    assert(r or err.code)
  end
  if math.random(60) == 1 then error("now and then", 0) end
  local t = akt.task(function(a) nap() return a, mine end, id)
  local n, table_of_mine = t:wait()
  assert(n == id and table_of_mine == mine and mine.id == id)
  assert(akt.sender() == sender, "another one's sender")
  self.live = self.live - 1
  return id * 2
end

function Worker.on:echo(x) return x end

-- Not listed: never beside another handler, and in order.
function Worker.on:alone(i)
  local live = self.live
  nap()
  self.last = self.last or {}
  return live, i
end

local Gate = akt.actor "gate"
Gate.reentrant = true
function Gate:init() self.open = false; self.seen = 0 end
function Gate.on:pass(i)
  if not self.open then return akt.stash() end
  if i <= self.seen then error("out of order: " .. i .. " after " .. self.seen) end
  self.seen = i
  return i
end
function Gate.on:turn()
  nap()
  self.open = not self.open
  if self.open then akt.unstash_all() end
end
function Gate.on:open() self.open = true; akt.unstash_all() end
function Gate.on:seen() return self.seen end

local children = {}
for i = 1, WORKERS do
  children[i] = { "w" .. i, Worker, restart = "permanent" }
end
children.max = 1e6
children.backoff = { 0, 0 }
akt.supervisor(children)
local peers = {}
for i = 1, WORKERS do peers[i] = "w" .. i end

local counts = { ok = 0, crash = 0, noproc = 0, deadlock = 0, timeout = 0 }
local me = akt.self()
for c = 1, CLIENTS do
  akt.spawn(function()
    local tally = {}
    for i = 1, ASKS do
      local id = c * 100000 + i * 100
      local tag = math.random(5) == 1 and "alone" or "job"
      local r, x = akt.try(akt.within, 60, akt.ask, peers[math.random(#peers)],
                           tag, id, 3, peers)
      local code = r and "ok" or x.code
      if r and tag == "job" then assert(r == id * 2, "not mine: " .. r) end
      if r and tag == "alone" then assert(x == id and r >= 0) end
      tally[code] = (tally[code] or 0) + 1
    end
    me:send("done", tally)
  end)
end

local gate = akt.spawn(Gate)
local toggler = akt.spawn(function()
  while true do gate:send("turn") akt.sleep(0.002) end
end)
for i = 1, 200 do
  gate:send("pass", i)
  if i % 20 == 0 then akt.sleep(0.001) end
end

local pending = CLIENTS
while pending > 0 do
  akt.receive { done = function(tally)
    pending = pending - 1
    for code, n in pairs(tally) do
      assert(counts[code], code)
      counts[code] = counts[code] + n
    end
  end }
end
akt.kill(toggler)
gate:ask("open")
local seen
repeat
  akt.sleep(0.001)
  seen = gate:ask("seen")
until seen == 200
local sum = 0
for _, n in pairs(counts) do sum = sum + n end
assert(sum == CLIENTS * ASKS and counts.ok > sum / 2, counts.ok)
assert(counts.timeout == 0, "somebody waited in vain")
for i = 1, WORKERS do akt.stop("w" .. i) end
print "ok"
akt.exit(0)
