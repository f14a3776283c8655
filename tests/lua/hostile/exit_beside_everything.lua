-- akt.exit ends a program full of loops, waits, timers and children in the 5 s
-- it gives them, at the latest.
-- exit: 9
-- timeout: 20
local akt = require "akt"
for _ = 1, 20 do
  akt.spawn(function() while true do end end)
  akt.spawn(function() while true do pcall(error, "x") end end)
  akt.spawn(function() akt.receive() end)
  akt.spawn(function()
    local x <close> = setmetatable({}, { __close = function() while true do end end })
    akt.sleep(1e6)
  end)
end
local T = akt.actor "t"
function T.on:x() akt.after(0, "x") end
function T:terminate() while true do end end
akt.spawn(T):send("x")
akt.after(0.1, "never")
akt.sleep(0.2)
akt.exit(9)
