-- An endless loop in main: others go on, and akt.exit from one of them ends
-- the program.
-- exit: 3
local akt = require "akt"
akt.spawn(function()
  akt.sleep(0.05)
  print("still here") -- expect: still here
  akt.exit(3)
end)
while true do end
