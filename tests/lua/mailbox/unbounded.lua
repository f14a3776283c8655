-- seeds: 5
local akt = require "akt"
local p = akt.spawn_opt({ mailbox = { max = math.huge } }, function()
  akt.receive{ go = function() end }
  print(akt.info().mailbox)    -- expect: 100000
end)
for i = 1, 100000 do p:send("x") end
p:send("go")
