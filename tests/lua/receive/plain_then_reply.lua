-- seeds: 5
-- After a plain receive the message is answered by akt.reply; sender() is its
-- sender, until the next receive.
local akt = require "akt"
local p = akt.spawn(function(main)
  local tag, x = akt.receive()
  print(tag, x, akt.sender() == main)     -- expect: get	1	true
  print(akt.reply(x + 1))                 -- expect: true
  tag, x = akt.receive()
  akt.reply(x + 10)
end, akt.self())
print(p:ask("get", 1) + p:ask("get", 2))  -- expect: 14
