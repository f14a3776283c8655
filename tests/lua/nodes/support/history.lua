-- What was sent and what came, for tests that disturb a link: per sender and
-- receiver in order, no gap, no double, nothing changed on the way.
local akt = require "akt"

local BIG = 20000000

-- Message n of a source; mostly short ones, some of up to 300 kB, and one, that
-- is `big`, of 20 MB.
local function text_of(id, n, big)
  local r = (n * 7919 + id * 104729) % 100
  local len = r < 70 and 10 + r or r < 95 and 100 * r or 2500 * (r + 21)
  if n == big then len = BIG end
  local word = id .. ":" .. n .. ";"
  return word:rep(len // #word + 1):sub(1, len)
end

local Sink = akt.actor "sink"
function Sink:init() self.last, self.faults = {}, {} end
function Sink:note(id, n, what)
  if #self.faults < 10 then
    self.faults[#self.faults + 1] = id .. ": " .. n .. " " .. what
  end
end
function Sink.on:item(id, n, big, text)
  local last = self.last[id] or 0
  if n ~= last + 1 then self:note(id, n, "comes after " .. last) end
  if text ~= text_of(id, n, big) then self:note(id, n, "is not what was sent") end
  self.last[id] = n
end
function Sink.on:last(id) return self.last[id] or 0 end
function Sink.on:faults() return table.concat(self.faults, "\n") end

-- Sends until it is told that it is enough; asks now and then whether all that it
-- has sent before has come.
local Source = akt.actor "source"
Source.reentrant = true
function Source.on:go(sink, id, big)
  local n = 0
  while not self.enough do
    n = n + 1
    local text = text_of(id, n, big)
    local ok, why
    repeat ok, why = sink:send("item", id, n, big, text) until why ~= "overloaded"
    if not ok then error(id .. ": " .. n .. " not sent: " .. tostring(why)) end
    if n % 50 == 0 then
      local last = sink:ask("last", id)
      if last ~= n then error(id .. ": " .. last .. " have come of " .. n) end
    end
  end
  local last = sink:ask("last", id)
  if last ~= n then error(id .. ": " .. last .. " have come of " .. n) end
  return n
end
function Source.on:enough() self.enough = true end

return { Sink = Sink, Source = Source }
