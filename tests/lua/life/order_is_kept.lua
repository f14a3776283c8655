-- seeds: 5
-- All that one actor causes at another arrives in that order: messages,
-- replies and the news of its end.
local akt = require "akt"

local main = akt.self()

local pid, ref = akt.spawn_monitor(function()
  for i = 1, 100 do main:send("n", i) end
end)

for i = 1, 100 do
  local tag, n = akt.receive()
  assert(tag == "n" and n == i)
end
local tag, from, who, reason = akt.receive()
print(tag, from == ref, who == pid, reason) -- expect: down	true	true	normal
