-- Version 4: rooms count their users, too.
local akt = require "akt"

local Room = akt.actor "room"
Room.version = 4

function Room:init()
  self.lines, self.last, self.history, self.members = 0, {}, {}, 0
end

function Room:upgrade(from)
  if from < 2 then self.history = {} end
  if from < 4 then
    self.members = 0
    for _ in pairs(self.last) do self.members = self.members + 1 end
  end
end

function Room.on:say(who, n, text)
  local last = self.last[who]
  if not last then last, self.members = 0, self.members + 1 end
  if n ~= last + 1 then
    error(("%s: line %d after line %d"):format(who, n, last))
  end
  self.last[who], self.lines = n, self.lines + 1
  self.history[#self.history + 1] = who .. ": " .. text
  if #self.history > 10 then table.remove(self.history, 1) end
end

function Room.on:summary()
  return self.lines, #self.history .. " lines, " .. self.members .. " users"
end

return Room
