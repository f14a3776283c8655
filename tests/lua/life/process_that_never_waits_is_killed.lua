-- seeds: 5
-- A process in a loop without waits is killed when its time to stop is over.
local akt = require "akt"

local main = akt.self()

local p = akt.spawn_opt({ shutdown = 0.05 }, function()
  local guard <close> = setmetatable({}, {
    __close = function() main:send("closed") end,
  })
  main:send("loops")
  while true do end
end)
local ref = akt.monitor(p)

print((akt.receive()))  -- expect: loops
p:stop()
local tag, r, _, reason = akt.receive()
print(tag, r == ref, reason) -- expect: down	true	killed
