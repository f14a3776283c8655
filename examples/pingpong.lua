-- SPDX-License-Identifier: MIT
-- Two actors send each other messages; the sender's pid comes with each one.

local akt = require "akt"

local Pong = akt.actor "pong"

function Pong.on:ping(n)
  akt.sender():send("pong", n)
end

local Ping = akt.actor "ping"

function Ping:init(peer) self.peer = peer end

-- play is asked, but its reply is known only when the last pong has come. So
-- it defers: the token it keeps answers the asker later.
function Ping.on:play(rounds)
  self.rounds = rounds
  self.reply_to = akt.defer()
  self.peer:send("ping", 1)
end

function Ping.on:pong(n)
  print("pong " .. n)
  if n < self.rounds then
    self.peer:send("ping", n + 1)
  else
    self.reply_to:reply(n)
  end
end

local ping = akt.spawn(Ping, akt.spawn(Pong))
local played = ping:ask("play", 3)
print("played " .. played .. " rounds")
