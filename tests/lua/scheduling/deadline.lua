-- flags: --sim --seed 3
-- Of the class deadline, whose request is due first goes first.
local akt = require "akt"
local K = akt.actor "k"
K.priority = "deadline"
function K.on:run(n) io.write(n, " ") end
local all, homes = {}, {}
for _ = 1, 100 do
  local pid = akt.spawn(K)
  local home = akt.info(pid).isolate
  homes[home] = homes[home] or {}
  table.insert(homes[home], pid)
  if #homes[home] == 5 then all = homes[home] break end
end
local futures = {}
for i, seconds in ipairs { 3, 1, 5, 2, 4 } do
  futures[i] = akt.within(seconds, akt.async, all[i], "run", seconds)
end
akt.all(table.unpack(futures))
print()
print(akt.info(all[1]).priority, akt.info().priority)
-- expect: 1 2 3 4 5 
-- expect: deadline	normal
