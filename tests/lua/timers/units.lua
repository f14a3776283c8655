-- Durations are seconds, or a number with a unit.
local akt = require "akt"

local function spent(s)
  local t = akt.clock()
  akt.sleep(s)
  return akt.clock() - t >= 0.002
end

print(spent("2ms"), spent("0.002s")) -- expect: true	true
for _, bad in ipairs { "2 ms", "2mm", "ms", "-2s", "2s3" } do
  print(select(2, akt.try(akt.sleep, bad)).code)
end
-- expect: bad_argument
-- expect: bad_argument
-- expect: bad_argument
-- expect: bad_argument
-- expect: bad_argument
