-- seeds: 5
-- Topics that come and go leave nothing behind (GoAkt #1214: its map of topics
-- grew for ever).
local akt = require "akt"
local Sub = akt.actor "sub"
function Sub.on:x() end
local sub = akt.spawn(Sub)
local function round(k)
  for i = 1, 20000 do
    local t = akt.topic("t" .. k .. "." .. i)
    t:subscribe(sub)
    t:publish("x")
    t:unsubscribe(sub)
  end
  sub:ask("x")
  return akt.stats().memory
end
round(0)
local before = round(1)
for k = 2, 6 do round(k) end
print(round(7) - before < 1000000)               -- expect: true
