-- flags: --sim
-- seeds: 5
local akt = require "akt"
local A = akt.actor "echo"
function A.on:echo(x) return x end
local a = akt.spawn(A)
local slow = akt.task(function() akt.sleep(60) end)
local fast = akt.task(function() akt.sleep(0.001) return "fast", 2 end)
print(akt.first(slow, fast, akt.async(akt.spawn(function() akt.receive { n = print } end), "x")))
-- expect: fast	2
print(akt.all(akt.async(a, "echo", 1), akt.task(function() return 2 end)))  -- expect: 1	2
print(fast:done(), slow:done())          -- expect: true	false
akt.exit(0)
