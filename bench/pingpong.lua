-- SPDX-License-Identifier: MIT
-- pingpong [round trips]: two behaviour actors, one message on its way.

local akt = require "akt"

local trips = tonumber((...)) or 2000000

local Pong = akt.actor "pong"

function Pong:init() self.handled = 0 end

function Pong.on:ping()
  self.handled = self.handled + 1
  akt.sender():send("pong")
end

function Pong.on:handled() return self.handled end

local Ping = akt.actor "ping"

function Ping:init(peer) self.peer = peer end

function Ping.on:run(n)
  self.left = n
  self.done = akt.defer()               -- answered when the last pong is in
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

local pong = akt.spawn(Pong)
local ping = akt.spawn(Ping, pong)

local function run(n)
  local start = akt.clock()
  akt.within(600, akt.ask, ping, "run", n)
  return akt.clock() - start
end

local warm_up = math.max(trips // 10, 1)
run(warm_up)
local seconds = run(trips)

assert(pong:ask("handled") == warm_up + trips, "a ping was lost")
print(string.format("pingpong  %.0f roundtrips/s", trips / seconds))
