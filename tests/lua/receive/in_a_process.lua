-- seeds: 5
-- Selective: what matches is taken, the rest stays and keeps its order.
local akt = require "akt"
local p = akt.spawn(function()
  akt.receive{ go = function() end }
  akt.receive{ b = function(x) print("b", x) end }   -- expect: b	2
  akt.receive{ a = function(x) print("a", x) end, c = print } -- expect: a	1
  print(akt.receive())                               -- expect: c	3
  print(akt.receive())                               -- expect: b	4	nil
end)
p:send("a", 1) p:send("b", 2) p:send("c", 3) p:send("b", 4, nil) p:send("go")
