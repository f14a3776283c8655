-- flags: --sim --seed 9
-- receive looks in the order of the mailbox, also at what comes in in front of
-- the messages it has passed by.
local akt = require "akt"
local p = akt.spawn_opt({ mailbox = { priority = { high = 1, low = -1 } } }, function()
  akt.sleep(1)
  akt.receive { low = function(n) print("low", n) end,
                plain = function(n) print("plain", n) end }
  akt.receive { low = function(n) print("low", n) end }
  -- passes by `plain` and `low`, then `high` comes in in front of them
  akt.receive { high = function(n) print("high", n) end }
  print(akt.receive())
  print(akt.receive())
end)
p:send("low", 1)
p:send("plain", 1)
p:send("low", 2)
p:send("plain", 2)
akt.sleep(2)
p:send("high", 1)
akt.sleep(1)
-- expect: plain	1
-- expect: low	1
-- expect: high	1
-- expect: plain	2
-- expect: low	2
