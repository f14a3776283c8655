-- SPDX-License-Identifier: MIT
-- The node with the chat room, and with the kinds that others start here: a
-- bot that answers in the room, and a wall for ping-pong. See run.sh.

local akt = require "akt"

local Room = akt.actor "room"
function Room:init() self.users = {} end

function Room:tell(line)
  for _, pid in ipairs(self.users) do pid:send("line", line) end
end

function Room.on:join(name)
  local pid = akt.sender()
  table.insert(self.users, pid)
  akt.monitor(pid) -- whatever node it is on
  self:tell("* " .. name .. " has joined")
  return #self.users
end

function Room.on:say(name, text) self:tell(name .. ": " .. text) end

function Room:down(_, pid, why)
  for i, user in ipairs(self.users) do
    if user == pid then table.remove(self.users, i) end
  end
  self:tell("* somebody has left (" .. tostring(why) .. ")")
  if #self.users == 0 then akt.exit(0) end -- of this program
end

-- It says the time of day in words, and is started by users of other nodes.
local Bot = akt.actor "bot"
function Bot:init(name, owner)
  self.name, self.room = name, akt.whereis("room")
  akt.link(owner)                -- it ends with who has started it
  self.room:send("join", name)
end
function Bot.on:line(line)
  if line:find("hello, " .. self.name, 1, true) then
    self.room:send("say", self.name, "hello to you")
  end
end

local Wall = akt.actor "wall"
function Wall.on:ping(n) return n end

akt.spawn_opt({ name = "room" }, Room)
akt.spawn_opt({ name = "wall" }, Wall)
print("listens on " .. akt.node().address)
io.stdout:flush()
