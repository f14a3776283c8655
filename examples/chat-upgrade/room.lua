-- Version 1: rooms count.
local akt = require "akt"

local Room = akt.actor "room"
Room.version = 1

function Room:init() self.lines, self.last = 0, {} end

function Room.on:say(who, n)
  local last = self.last[who] or 0
  if n ~= last + 1 then
    error(("%s: line %d after line %d"):format(who, n, last))
  end
  self.last[who], self.lines = n, self.lines + 1
end

function Room.on:summary() return self.lines, "counts" end

return Room
