-- 100,000 actors linked to one that dies.
local akt = require "akt"
local n = os.getenv "AKT_TEST_SANITIZER" ~= "" and 5000 or 100000
local L = akt.actor "l"
function L.on:link(pid) akt.link(pid) end
local hub = akt.spawn(function() akt.receive { go = function() end } error("hub", 0) end)
local before = akt.stats().actors
for i = 1, n do
  local l = akt.spawn(L)
  l:send("link", hub)
end
local t = akt.clock()
akt.sleep(0.5)
hub:send("go")
while akt.stats().actors >= before and akt.clock() - t < 30 do akt.sleep(0.01) end
print(akt.stats().actors < before) -- expect: true
