-- seeds: 5
-- A handler may receive too; its own message stays the one it answers.
local akt = require "akt"
local H = akt.actor "h"
function H.on:collect(n)
  local sum = 0
  for _ = 1, n do
    sum = sum + akt.receive{ add = function(x) return x end }
  end
  return sum
end
function H.on:add(x) return -x end
local h = akt.spawn(H)
local f = akt.async(h, "collect", 2)
print(h:ask("add", 1), h:ask("add", 2))   -- expect: 1	2
print(f:wait())                           -- expect: 3
print(h:ask("add", 3))                    -- expect: -3
