-- flags: --sim --seed 7
-- Sends, timers and new actors do not inherit the deadline.
local akt = require "akt"
local B = akt.actor "b"
function B:init() self.n = 0 end
function B.on:work(to) akt.sleep(3); to:send("done", "send") end
function B.on:tick(to) akt.sleep(3); to:send("done", "timer") end
function B.on:later(to) akt.after(1, "tick", to) end
local A = akt.actor "a"
function A.on:go(to)
  akt.spawn(B):send("work", to)
  akt.spawn(function(to) akt.sleep(3); to:send("done", "spawn") end, to)
  local b = akt.spawn(B)
  b:send("later", to)
end
local a = akt.spawn(A)
akt.within(0.5, akt.ask, a, "go", akt.self())
local got = {}
for i = 1, 3 do got[i] = akt.receive{ done = function(s) return s end } end
table.sort(got)
print(table.concat(got, " "))   -- expect: send spawn timer
