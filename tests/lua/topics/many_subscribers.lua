-- flags: --workers 1
-- Publishing to very many does not hold others up: the publisher is preempted
-- between pieces, and others' turns come in between.
local akt = require "akt"
local Sub = akt.actor "sub"
function Sub.on:x() end
local Clock = akt.actor "clock"
function Clock:init() self.ticks = 0; akt.every(0.001, "tick") end
function Clock.on:tick() self.ticks = self.ticks + 1 end
function Clock.on:ticks() return self.ticks end
local t = akt.topic "t"
local N = 100000
for i = 1, N do t:subscribe(akt.spawn(Sub)) end
local Pub = akt.actor "pub"
function Pub.on:go() return t:publish("x") end
local clock, pub = akt.spawn(Clock), akt.spawn(Pub)
akt.within(60, function()
  local f = akt.async(pub, "go")
  print(f:wait() == N)                           -- expect: true
end)
print(t:stats().subscribers == N)                -- expect: true
akt.exit()
