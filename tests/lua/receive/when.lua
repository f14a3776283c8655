-- seeds: 5
local akt = require "akt"
local p = akt.spawn(function()
  akt.receive{ go = function() end }
  local big = akt.when("n", function(x) return x > 10 end, function(x) return "big", x end)
  local even = akt.when("n", function(x) return x % 2 == 0 end, function(x) return "even", x end)
  print(akt.receive{ big })          -- expect: big	11
  print(akt.receive{ even, big })    -- expect: even	2
  print(akt.receive{ n = big, even, m = print }) -- expect: even	4
  print(akt.receive{ big, n = function(x) return "any", x end })  -- expect: any	1
  print(akt.receive())               -- expect: n	3
end)
for _, n in ipairs{ 1, 2, 3, 11, 4 } do p:send("n", n) end
p:send("go")
