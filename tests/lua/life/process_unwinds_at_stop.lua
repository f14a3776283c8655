-- seeds: 5
-- A process that waits is unwound where it waits: __close runs.
local akt = require "akt"

local main = akt.self()

local p, ref = akt.spawn_monitor(function()
  local guard <close> = setmetatable({}, {
    __close = function() main:send("closed") end,
  })
  main:send("waits")
  akt.receive({ never = function() end })
  main:send("not reached")
end)

print((akt.receive()))  -- expect: waits
p:stop("done")
print((akt.receive()))  -- expect: closed
local tag, r, _, reason = akt.receive()
print(tag, r == ref, reason) -- expect: down	true	done
