-- Crashes without end: the log is bounded, the program goes on.
-- expect-err: error[crash]
local akt = require "akt"
local n = tonumber(os.getenv "AKT_TEST_SANITIZER" ~= "" and 5000 or 50000)
for i = 1, n do
  akt.spawn(function() error("flood") end)
  if i % 1000 == 0 then akt.sleep(0.001) end
end
local t = akt.clock()
while akt.stats().crashes < n and akt.clock() - t < 30 do akt.sleep(0.01) end
print(akt.stats().crashes == n) -- expect: true
