-- Ends by a crash that shows in which order messages came.
local akt = require "akt"
local Sum = akt.actor "sum"
function Sum:init() self.n, self.seen = 0, 0 end
function Sum.on:add(k)
  self.n, self.seen = (self.n * 31 + k) % 1000003, self.seen + 1
  if self.seen == 400 then error("at " .. self.n) end
end
local sum = akt.spawn_opt({ name = "sum", link = true }, Sum)
for i = 1, 8 do
  akt.spawn(function()
    for k = 1, 50 do sum:send("add", i * k + math.random(9)) end
  end)
end
akt.sleep(60)
