-- A chat server: rooms, and users who talk all the time. The rooms' code is
-- upgraded while they do (run.sh): `aktvm reload room`. It ends when the users
-- are told to be quiet.
--
-- Every user numbers its lines and every room checks the numbers, so a line
-- that is lost, doubled or out of order is found at once.

local akt = require "akt"
local Room = require "room"

local ROOMS, USERS = 4, 40

local User = akt.actor "user"
function User:init(name, room)
  self.name, self.room, self.said = name, room, 0
  self.timer = akt.every(0.001, "talk")
end
function User.on:talk()
  for _ = 1, 5 do
    self.said = self.said + 1
    self.room:send("say", self.name, self.said, "hello no. " .. self.said)
  end
end
function User.on:quiet() -- how much it has said
  self.timer:cancel()
  return self.said
end

local Users = akt.actor "users"
function Users:init(rooms)
  for i = 1, USERS do
    akt.spawn(User, "user" .. i, rooms[i % #rooms + 1])
  end
end
function Users.on:quiet()
  local said = 0
  for _, user in ipairs(akt.children()) do said = said + user:ask("quiet") end
  return said
end

local rooms = {}
for i = 1, ROOMS do rooms[i] = akt.spawn_opt({ name = "room" .. i }, Room) end
akt.spawn_opt({ name = "users" }, Users, rooms)
print("ready")
io.flush()
