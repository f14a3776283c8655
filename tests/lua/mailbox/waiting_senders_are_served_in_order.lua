-- flags: --sim --seed 7
-- Later sends queue behind those that wait.
local akt = require "akt"
local R = akt.actor "r"
R.mailbox = { max = 1 }
function R.on:x(i) akt.sleep(0.1) io.write(i, " ") end
function R.on:stop() print() end
local r = akt.spawn(R)
for i = 1, 8 do
  akt.spawn(function(r, i) r:send("x", i) end, r, i)
  akt.sleep(0.01)
end
akt.within(60, akt.ask, r, "stop")
-- expect: 1 2 3 4 5 6 7 8 
