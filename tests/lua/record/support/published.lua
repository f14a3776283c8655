-- Ends otherwise each time, by threads, chance and time: see replays.sh.
local akt = require "akt"
local topic = akt.topic "news"
local Sub = akt.actor "sub"
function Sub:init() self.got = 0; akt.topic("news"):subscribe() end
Sub.on["news!"] = function(self, v) self.got = (self.got * 31 + v) % 1000003 end
function Sub.on:get() return self.got end
local subs = {}
for i = 1, 6 do subs[i] = akt.spawn(Sub) end
local C = akt.actor "client"
function C.on:go(n)
  for i = 1, n do akt.topic("news"):publish("news!", i)  if i % 7 == 0 then akt.try(akt.register, "c" .. math.random(3)) end
 end
  local s = 0
    local t = { [akt.self()] = 1, x = 4, y = 5, z = 6 }
  for k, v in pairs(t) do s = s .. v end
  return s
end
local futures = {}
for i = 1, 8 do futures[i] = akt.async(akt.spawn(C), "go", 60) end
for i = 1, 8 do print(i, futures[i]:wait()) end
for i = 1, 6 do print("sub", i, subs[i]:ask("get")) end
print(akt.clock(), os.time(), os.date(), math.random(1e9))
akt.exit(0)
