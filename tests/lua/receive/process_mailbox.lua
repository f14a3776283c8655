-- Unmatched messages count in the mailbox.
-- flags: --sim --seed 7
local akt = require "akt"
local p = akt.spawn(function() akt.receive{ never = print } end)
for i = 1, 5 do p:send("x", i) end
akt.sleep(1)
print(akt.info(p).mailbox, akt.info(p).state)  -- expect: 5	waiting
