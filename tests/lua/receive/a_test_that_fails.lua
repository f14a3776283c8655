-- A test that raises: the message stays, the error is receive's.
local akt = require "akt"
akt.self():send("n", 1)
local bad = akt.when("n", function() error("bad test", 0) end, print)
print(pcall(akt.receive, { bad }))           -- expect: false	bad test
print(akt.receive())                         -- expect: n	1
