-- SPDX-License-Identifier: MIT
-- A chat room: the room knows its users and passes each line on to all of
-- them; every user keeps what it has seen. The room watches its users, so one
-- that ends without a word leaves the room too.

local akt = require "akt"

local Room = akt.actor "chat_room"

function Room:init()
  self.users = {}               -- in order of arrival: { name =, pid =, ref = }
end

function Room:find(pid)
  for i, user in ipairs(self.users) do
    if user.pid == pid then return i, user end
  end
end

function Room:broadcast(line)
  for _, user in ipairs(self.users) do user.pid:send("line", line) end
end

function Room:remove(pid)
  local i, user = self:find(pid)
  if not i then return end
  table.remove(self.users, i)
  self:broadcast("* " .. user.name .. " has left")
  return user
end

function Room.on:join(name)
  local pid = akt.sender()
  table.insert(self.users, { name = name, pid = pid, ref = akt.monitor(pid) })
  self:broadcast("* " .. name .. " has joined")
end

function Room.on:say(text)
  local _, user = self:find(akt.sender())
  if not user then return nil, "you are not in this room" end
  self:broadcast(user.name .. ": " .. text)
  return true
end

function Room.on:leave()
  local user = self:remove(akt.sender())
  if user then akt.demonitor(user.ref) end
end

-- A user we monitor has ended, for whatever reason.
function Room:down(_, pid)
  self:remove(pid)
end

function Room.on:count() return #self.users end

-- The lines went to each user before this question does, and the order of
-- messages between two actors is kept: every transcript is complete.
function Room.on:transcripts()
  local all = {}
  for i, user in ipairs(self.users) do
    all[i] = { name = user.name, lines = user.pid:ask("transcript") }
  end
  return all
end

local User = akt.actor "chat_user"

function User:init(name, room)
  self.room, self.seen = room, {}
  room:ask("join", name)
end

function User.on:line(line) table.insert(self.seen, line) end
function User.on:transcript() return self.seen end
function User.on:say(text) return self.room:ask("say", text) end
function User.on:leave() self.room:ask("leave") end

local room = akt.spawn(Room)
local alice = akt.spawn(User, "alice", room)
local bob = akt.spawn(User, "bob", room)
alice:ask("say", "hello bob")
bob:ask("say", "hi alice")

local carol = akt.spawn(User, "carol", room)
carol:ask("say", "what did I miss?")
bob:ask("say", "not much")
carol:ask("leave")

local _, why = carol:ask("say", "am I still here?")
print("carol was told: " .. why)

akt.stop(bob)                   -- bob's connection breaks; he says nothing
while room:ask("count") > 1 do akt.sleep(0.01) end
alice:ask("say", "anybody there?")

for _, user in ipairs(room:ask("transcripts")) do
  print(user.name .. " has seen:")
  for _, line in ipairs(user.lines) do print("  " .. line) end
end
