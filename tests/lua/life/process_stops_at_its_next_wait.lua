-- seeds: 5
-- A process that computes is stopped at its next wait.
local akt = require "akt"

local main = akt.self()

local p, ref = akt.spawn_monitor(function()
  local guard <close> = setmetatable({}, {
    __close = function() main:send("closed") end,
  })
  main:send("computes")
  local n = 0
  for i = 1, 3000000 do n = n + i end
  main:send("computed")
  akt.sleep(0)
  main:send("not reached")
end)

print((akt.receive()))  -- expect: computes
p:stop()
print((akt.receive()))  -- expect: computed
print((akt.receive()))  -- expect: closed
local tag, r, _, reason = akt.receive()
print(tag, r == ref, reason) -- expect: down	true	normal
