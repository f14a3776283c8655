-- An actor over its share sleeps without holding up anything: it answers, can
-- be stopped and killed, and its timers come.
local akt = require "akt"
local W = akt.actor "w"
function W:init() self.ticks = 0 akt.every(0.01, "tick") end
function W.on:tick() self.ticks = self.ticks + 1 end
function W.on:spin(n) for i = 1, n do self.x = i end return self.ticks end
local w = akt.spawn_opt({ cpu = "1%" }, W)
for _ = 1, 3 do akt.within(60, akt.ask, w, "spin", 300000) end
print(akt.within(60, akt.ask, w, "spin", 1) > 0)
w:send("spin", 1e9)
akt.monitor(w)
akt.sleep(0.05)
akt.kill(w)
akt.receive { down = function(_, _, reason) print(reason) end }
-- one that never ends does not keep the program from ending
akt.spawn_opt({ cpu = "1%" }, function() while true do end end)
akt.exit(0)
-- expect: true
-- expect: killed
