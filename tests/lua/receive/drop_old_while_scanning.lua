-- flags: --sim --seed 7
-- What a receive has looked at may be dropped by a full mailbox meanwhile.
local akt = require "akt"
local p = akt.spawn_opt({ mailbox = { max = 3, full = "drop_old" } }, function()
  akt.receive{ go = function(x) print("go", x) end }  -- expect: go	1
  print(akt.receive(1))                               -- expect: other	19
  print(akt.receive(1))                               -- expect: other	20
  print(akt.try(akt.receive, 1) == nil)               -- expect: true
end)
for i = 1, 20 do p:send("other", i) akt.sleep(0.01) end
p:send("go", 1)
