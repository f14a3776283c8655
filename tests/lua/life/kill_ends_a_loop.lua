-- seeds: 5
local akt = require "akt"

local main = akt.self()
local p, ref = akt.spawn_monitor(function()
  main:send("loops")
  while true do pcall(function() while true do end end) end
end)
print((akt.receive())) -- expect: loops
p:kill()
local _, r, _, reason = akt.receive()
print(r == ref, reason) -- expect: true	killed
