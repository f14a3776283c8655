-- timeout: 20
-- seeds: 5
-- A receive that skips a large mailbox looks at each message once, however
-- many more come while it waits.
local akt = require "akt"
local p = akt.spawn(function(main)
  main:send("ready")
  akt.receive{ last = function() end }
  local n = 0
  for _ = 1, 30000 do akt.receive{ other = function() n = n + 1 end } end
  print(n)  -- expect: 30000
end, akt.self())
akt.receive{ ready = function() end }
for i = 1, 30000 do p:send("other", i) end
p:send("last")
