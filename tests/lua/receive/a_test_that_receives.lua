-- A test looks at a message; it cannot take one.
local akt = require "akt"
akt.self():send("n", 1)
local bad = akt.when("n", function() akt.receive() end, print)
print(select(2, akt.try(akt.receive, { bad })).code)  -- expect: denied
print(akt.receive())                                  -- expect: n	1
