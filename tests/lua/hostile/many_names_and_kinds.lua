-- 100,000 names, 20,000 kinds, 200,000 open asks.
local akt = require "akt"
local few = os.getenv "AKT_TEST_SANITIZER" ~= ""
local n = few and 5000 or 100000
local N = akt.actor "n"
function N.on:put(name) akt.register(name) end
function N.on:ask() return 1 end
for i = 1, n do akt.spawn(N):send("put", "name" .. i) end
for i = 1, n, 997 do
  while not akt.whereis("name" .. i) do akt.sleep(0.01) end
end
print(akt.ask("name7", "ask")) -- expect: 1
for i = 1, n / 5 do
  local K = akt.actor("kind" .. i)
  function K.on:x() return i end
  if i % 1000 == 0 then assert(akt.spawn(K):ask("x") == i) end
end
print(select(2, pcall(akt.actor, "kind1")).code) -- expect: kind_exists
local asks = {}
for i = 1, 2 * n do asks[i] = akt.async("name" .. (i % n + 1), "ask") end
local sum = 0
for i = 1, 2 * n do sum = sum + asks[i]:wait() end
print(sum == 2 * n) -- expect: true
akt.exit()
