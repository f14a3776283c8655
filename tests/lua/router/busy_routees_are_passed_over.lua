-- flags: --sim
-- seeds: 5
-- smallest_mailbox counts a handler that waits, and gives a routee that is
-- down nothing while others are up.
local akt = require "akt"
local W = akt.actor "worker"
function W.on:slow() akt.sleep(1000) end
function W.on:work() return akt.self() end
local a, b = akt.spawn(W), akt.spawn(W)
local r = akt.router { strategy = "smallest_mailbox", routees = { a, b } }
a:send("slow")
akt.sleep(0.01)
for i = 1, 4 do io.write(tostring(r:ask("work") == b), " ") end
print()                               -- expect: true true true true 

local Fragile = akt.actor "fragile"
function Fragile.on:boom() error "boom" end
function Fragile.on:work() return akt.self() end
for _, strategy in ipairs { "round_robin", "random", "smallest_mailbox" } do
  r = akt.router { strategy = strategy, kind = Fragile, size = 3,
                   supervise = { backoff = { 60, 60 } } }
  local down = r:routees()[2]
  akt.try(akt.ask, down, "boom")      -- at once again ...
  akt.try(akt.ask, down, "boom")      -- ... and now in a minute
  local missed = true
  for i = 1, 12 do missed = missed and r:ask("work") ~= down end
  print(strategy, missed, #r:routees())
end
-- expect: round_robin	true	3
-- expect: random	true	3
-- expect: smallest_mailbox	true	3
akt.exit()
-- expect-err: boom
