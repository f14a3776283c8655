-- flags: --sim --seed 5
-- Tasks do not hold up a stop and do not survive a restart; they are counted.
local akt = require "akt"
local A = akt.actor "a"
local function never() akt.sleep(0.05) print "never" end
function A.on:go() akt.task(never) akt.task(never) end
function A.on:crash() error("x", 0) end
function A:terminate() print "terminate" end
local a = akt.spawn_opt({ restart = "permanent" }, A)
a:ask("go")
local start = akt.clock()
a:send("crash")
print(a:ask("go"))                       -- expect:
local ref = akt.monitor(a)
akt.stop(a)
print(akt.receive { down = function(_, _, r) return r end })
print(akt.stats().tasks_dropped)
akt.sleep(0.06)
-- expect: terminate
-- expect: normal
-- expect: 4
-- expect-err: crashed in on.crash
