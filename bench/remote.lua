-- SPDX-License-Identifier: MIT
-- remote serve | NODE [trips] [messages] [long messages]: two nodes on one
-- machine; bench/remote starts both.

local akt = require "akt"

local node, trips, count, long = ...

local Pong = akt.actor "pong"

function Pong:init() self.handled, self.bytes = 0, 0 end

function Pong.on:ping() akt.sender():send("pong") end

function Pong.on:add(s)
  self.handled = self.handled + 1
  if s then self.bytes = self.bytes + #s end
end

function Pong.on:handled()
  local n, bytes = self.handled, self.bytes
  self.handled, self.bytes = 0, 0
  return n, bytes
end

if node == "serve" then
  akt.spawn_opt({ name = "pong" }, Pong)
  akt.spawn_opt({ name = "sink", isolate = true }, Pong)
  print("listens on " .. akt.node().address)
  io.stdout:flush()
  return akt.receive {} -- until it is killed
end

local Ping = akt.actor "ping"

function Ping:init(peer) self.peer = peer end

function Ping.on:run(n)
  self.left = n
  self.done = akt.defer()
  self.peer:send("ping")
end

function Ping.on:pong()
  self.left = self.left - 1
  if self.left > 0 then
    self.peer:send("ping")
  else
    self.done:reply(true)
  end
end

-- Several values of `s` in one turn, as an actor that has something to tell.
function Ping.on:flood(n, s)
  local peer = self.peer
  for _ = 1, n do peer:send("add", s) end
  return peer:ask("handled")
end

-- Very long ones, one after the other, until it is told to end.
local Huge = akt.actor "huge"

function Huge:init(sink) self.sink, self.s = sink, string.rep("x", 60000000) end

function Huge.on:go()
  self.sink:send("add", self.s)
  self.sink:ask("handled")
  self.sent = (self.sent or 0) + 1
  akt.self():send("go")
end

function Huge.on:sent() return self.sent end

local pong = akt.whereis("pong@" .. node)
local ping = akt.spawn(Ping, pong)

local function timed(...)
  local start = akt.clock()
  local handled, bytes = akt.within(600, akt.ask, ping, ...)
  return akt.clock() - start, handled, bytes
end

trips, count = tonumber(trips) or 100000, tonumber(count) or 2000000
long = tonumber(long) or 20000
timed("run", trips // 10)
print(string.format("remote.pingpong  %.0f roundtrips/s",
                    trips / timed("run", trips)))
local seconds, handled = timed("flood", count)
assert(handled == count, "a message was lost")
print(string.format("remote.small  %.0f messages/s", count / seconds))
local s = string.rep("x", 64 * 1024)
local bytes
seconds, handled, bytes = timed("flood", long, s)
assert(handled == long and bytes == long * #s, "a message was lost")
print(string.format("remote.long  %.0f MB/s", bytes / seconds / 1e6))

-- What a small ask takes, with nothing else on the link and among messages of
-- 60 MB.
local function slowest(count)
  local times = {}
  for i = 1, count do
    local start = akt.clock()
    akt.ask(pong, "handled")
    times[i] = akt.clock() - start
    akt.sleep(0.001)
  end
  table.sort(times)
  return times[count * 99 // 100] * 1000, times[count] * 1000
end

local _, alone = slowest(1000)
local huge = akt.spawn_opt({ isolate = true }, Huge, akt.whereis("sink@" .. node))
huge:send("go")
local p99, most = slowest(1000)
assert(huge:ask("sent") > 0)
print(string.format("remote.alone_max  %.2f ms", alone))
print(string.format("remote.among_60MB_p99  %.2f ms", p99))
print(string.format("remote.among_60MB_max  %.2f ms", most))
akt.exit(0)
