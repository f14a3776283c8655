-- flags: --sim --seed 5
-- A stop waits for all handlers in progress, and takes no more messages.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:go(s, who)
  self.watcher = who
  akt.sleep(s)
  self.ended = (self.ended or 0) + 1
  return "done"
end
function A:terminate() self.watcher:send("terminate", self.ended) end
local a = akt.spawn(A)
local fs = {}
for i = 1, 3 do fs[i] = akt.async(a, "go", 0.01 * i, akt.self()) end
akt.monitor(a)
repeat akt.sleep(0.001) until akt.info(a).in_flight == 3
akt.stop(a)
local late = akt.async(a, "go", 0)
print(select(2, akt.try(late.wait, late)).code)  -- expect: noproc
assert(select("#", akt.all(table.unpack(fs))) == 3)
print(akt.receive { terminate = function(n) return n end })  -- expect: 3
print "all"                                      -- expect: all
print(akt.receive { down = function(_, _, r) return r end })  -- expect: normal
