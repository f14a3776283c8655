-- Who ends is out of all its topics at once, and an empty topic is gone with
-- its figures; a restart keeps the subscription, like the pid.
local akt = require "akt"
local Sub = akt.actor "sub"
function Sub:init(n) for i = 1, n or 0 do akt.topic("t" .. i):subscribe() end end
function Sub.on:boom() error "boom" end
function Sub.on:ping() return "pong" end
function Sub.on:x() end

local function ended(pid, how)
  akt.monitor(pid)
  how(pid)
  akt.receive { down = function() end }
end
local a, b = akt.spawn(Sub, 1000), akt.spawn(Sub, 1000)
print(akt.topic("t1000"):publish("x"))           -- expect: 2
ended(a, akt.stop)
print(akt.topic("t1"):stats().subscribers, akt.topic("t1000"):publish("x"))
-- expect: 1	1
ended(b, akt.kill)
local s = akt.topic("t1000"):stats()
print(s.subscribers, s.published)                -- expect: 0	0

local c = akt.spawn_opt({ restart = "permanent" }, Sub)
akt.topic("t"):subscribe(c)
akt.try(akt.ask, c, "boom")
print(c:ask("ping"), akt.topic("t"):publish("x")) -- expect: pong	1

print(akt.try(akt.topic("t").subscribe, akt.topic "t", a))
-- expect: nil	noproc: tests/lua/topics/the_dead_leave.lua:29: subscribe: there is no such actor
-- expect-err: boom
-- seeds: 5
