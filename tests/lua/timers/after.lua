-- flags: --sim --seed 7
local akt = require "akt"
local A = akt.actor "a"
function A.on:start() self.at = akt.clock(); akt.after(1.5, "tick", 1, nil, { x = 2 }, nil) end
function A.on:tick(...)
  print(select("#", ...), (...), select(3, ...).x, akt.sender())
  print(akt.clock() - self.at)
end
akt.spawn(A):send("start")
-- expect: 4	1	2	nil
-- expect: 1.5
