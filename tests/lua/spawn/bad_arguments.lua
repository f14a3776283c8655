-- seeds: 5
-- What cannot be spawned is refused in the caller.
local akt = require "akt"

local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code)
end
local W = akt.actor "w"
try(akt.spawn)                         -- expect: error
try(akt.spawn, 42)                     -- expect: error
try(akt.spawn, print)                  -- expect: error
try(akt.spawn, W, function() end)      -- expect: bad_message
try(akt.spawn_opt, { name = "" }, W)   -- expect: bad_option
print(akt.stats().actors)              -- expect: 4
