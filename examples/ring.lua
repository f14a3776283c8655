-- SPDX-License-Identifier: MIT
-- The thread ring: a token travels round a ring of actors until it has made
-- all its hops; the one that holds it then tells its number.
--
--   aktvm ring.lua [hops] [members]

local akt = require "akt"

local hops, members = ...
hops = tonumber(hops) or 1000
members = tonumber(members) or 503

local Member = akt.actor "ring_member"

function Member:init(number, main)
  self.number, self.main = number, main
end

function Member.on:next_is(pid) self.next = pid end

function Member.on:token(hops_left)
  if hops_left > 0 then
    self.next:send("token", hops_left - 1)
  else
    self.main:send("finished", self.number)
  end
end

local main = akt.self()
local ring = {}
for i = 1, members do ring[i] = akt.spawn(Member, i, main) end
for i, member in ipairs(ring) do
  member:ask("next_is", ring[i % members + 1])    -- ask: wait until it knows
end

ring[1]:send("token", hops)

-- The script is an actor too and has a mailbox: it waits for this message.
akt.receive {
  finished = function(number)
    print("the token stopped at member " .. number)
  end,
}
