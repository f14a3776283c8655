-- Ends otherwise each time, by threads, chance and time: see replays.sh.
local akt = require "akt"
local Slow = akt.actor "slow"
Slow.mailbox = { max = 8, full = "wait" }
function Slow:init() self.t = 0 self.h = 0 end
function Slow.on:add(k) self.t = self.t + k; self.h = (self.h * 31 + k) % 1000003 if self.t % 50 == 0 then akt.sleep(0.0005) end end
function Slow.on:get() return self.t, self.h end
local slow = akt.spawn_opt({ name = "slow" }, Slow)
local C = akt.actor "client"
function C.on:go(n)
  for i = 1, n do akt.whereis("slow"):send("add", math.random(10)) end
  return n
end
local futures = {}
for i = 1, 8 do futures[i] = akt.async(akt.spawn(C), "go", 60) end
for i = 1, 8 do print(i, futures[i]:wait()) end
print(slow:ask("get"))
akt.exit(0)
