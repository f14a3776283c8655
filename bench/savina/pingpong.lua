-- SPDX-License-Identifier: MIT
-- Savina 1, Ping Pong: pingpong [pings]. Ping sends the next ping on a message
-- to itself, as in the suite: three messages a round trip.

local akt = require "akt"
local savina = require "savina"

local pings = savina.args(40000)

local Pong = akt.actor "pong"

function Pong:init() self.handled = 0 end

function Pong.on:ping()
  self.handled = self.handled + 1
  akt.sender():send("pong")
end

function Pong.on:stop(main)
  main:send("done", self.handled)
  akt.stop()
end

local Ping = akt.actor "ping"

function Ping:init(pong, left, main)
  self.pong, self.left, self.main = pong, left, main
end

function Ping.on:ping()
  self.left = self.left - 1
  self.pong:send("ping")
end

function Ping.on:pong()
  if self.left > 0 then
    akt.self():send("ping")
  else
    self.pong:send("stop", self.main)
    akt.stop()
  end
end

savina.run {
  name = "pingpong", unit = "roundtrips/s", work = pings, check = pings,
  once = function()
    local pong = akt.spawn(Pong)
    akt.spawn(Ping, pong, pings, akt.self()):send("ping")
    return akt.receive { done = function(handled) return handled end }
  end,
}
