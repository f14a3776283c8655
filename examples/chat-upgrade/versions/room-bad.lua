-- Version 3, a bad one: it counts the users that are there in a field that is
-- nowhere. Rooms refuse it and go on as they are.
local akt = require "akt"

local Room = akt.actor "room"
Room.version = 3

function Room:init() self.lines, self.last, self.history = 0, {}, {} end

function Room:upgrade(from)
  self.members = #self.users
end

function Room.on:say(who, n, text)
  local last = self.last[who] or 0
  if n ~= last + 1 then
    error(("%s: line %d after line %d"):format(who, n, last))
  end
  self.last[who], self.lines = n, self.lines + 1
  self.history[#self.history + 1] = who .. ": " .. text
  if #self.history > 10 then table.remove(self.history, 1) end
end

function Room.on:summary() return self.lines, #self.history .. " lines" end

return Room
