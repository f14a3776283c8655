-- seeds: 5
-- A message may have as many values as a call.
local akt = require "akt"
local Sum = akt.actor "sum"
function Sum.on:add(...)
  local n = 0
  for _, v in ipairs{ ... } do n = n + v end
  return n, ...
end
local s = akt.spawn(Sum)
local t = {}
for i = 1, 200 do t[i] = i end
local r = table.pack(s:ask("add", table.unpack(t)))
print(r.n, r[1], r[201]) -- expect: 201	20100	200
