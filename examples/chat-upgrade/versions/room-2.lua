-- Version 2: rooms remember the last 10 lines. Rooms that run have no list of
-- them yet, so `upgrade` makes one.
local akt = require "akt"

local Room = akt.actor "room"
Room.version = 2

function Room:init() self.lines, self.last, self.history = 0, {}, {} end

function Room:upgrade(from)
  if from < 2 then self.history = {} end
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
