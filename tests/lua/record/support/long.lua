-- More messages between isolates than a small recording holds.
local akt = require "akt"
local Sum = akt.actor "sum"
function Sum:init() self.n = 0 end
function Sum.on:add(k) self.n = self.n + k end
function Sum.on:get() return self.n end
local Source = akt.actor "source"
function Source.on:go(n, sum)
  for i = 1, n do sum:send("add", i) end
  return sum:ask("get")
end
local futures = {}
for i = 1, 8 do
  futures[i] = akt.async(akt.spawn(Source), "go", 10000, akt.spawn(Sum))
end
for i = 1, 8 do print(akt.within(60, futures[i].wait, futures[i])) end
