-- flags: --sim --seed 3
-- In one isolate: of those that are ready, high goes before normal before low,
-- and low goes all the same.
local akt = require "akt"
local K = akt.actor "k"
function K.on:run(order, name) akt.send(order, "ran", name) end
local H, L = akt.actor "h", akt.actor "l"
H.on.run, L.on.run = K.on.run, K.on.run
H.priority, L.priority = "high", "low"
-- children until three of each class share an isolate
local homes = {}
for _ = 1, 60 do
  for name, kind in pairs { high = H, normal = K, low = L } do
    local pid = akt.spawn(kind)
    local home = akt.info(pid).isolate
    homes[home] = homes[home] or { high = {}, normal = {}, low = {} }
    table.insert(homes[home][name], pid)
  end
end
local _, home = next(homes)
for _, h in pairs(homes) do
  if #h.high > 2 and #h.normal > 2 and #h.low > 2 then home = h end
end
local place = { high = 0, normal = 0, low = 0 }
for _ = 1, 20 do
  for _, name in ipairs { "low", "normal", "high" } do
    for i = 1, 3 do home[name][i]:send("run", akt.self(), name) end
  end
  for i = 1, 9 do
    local _, name = akt.receive()
    place[name] = place[name] + i
  end
end
print(place.high < place.normal, place.normal < place.low)
-- expect: true	true
