-- The same in the simulated world: time passes beside an endless loop.
-- flags: --sim --seed 3
local akt = require "akt"
local Loop = akt.actor "loop"
function Loop.on:go() while true do end end
local l = akt.spawn(Loop)
local p = akt.spawn(function() while true do pcall(error) end end)
l:send("go")
akt.sleep(0.05)
local refs = 0
akt.monitor(l)
akt.monitor(p)
akt.kill(l)
akt.kill(p)
for _ = 1, 2 do
  akt.receive({ down = function(_, _, why) print(why) end }, 10)
end
-- expect: killed
-- expect: killed
