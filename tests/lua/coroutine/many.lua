-- A thousand coroutines that all have waited.
-- flags: --sim --seed 7
local akt = require "akt"
local cos, sum = {}, 0
for i = 1, 1000 do
  cos[i] = coroutine.wrap(function() akt.sleep(0.001) coroutine.yield(i) akt.sleep(0.001) return i end)
end
for _ = 1, 2 do for i = 1, 1000 do sum = sum + cos[i]() end end
print(sum)  -- expect: 1001000
