-- seeds: 5
-- A receive without limit does not keep the program alive.
local akt = require "akt"
akt.spawn(function()
  local c <close> = setmetatable({}, { __close = function() print("unwound") end })
  akt.receive()
end)
print("main is done")
-- expect: main is done
-- expect: unwound
