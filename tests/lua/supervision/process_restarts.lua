-- seeds: 5
-- A process function starts again from its beginning, with its arguments and
-- its captured values as they were at spawn.
local akt = require "akt"

local main = akt.self()
local count = { 0 }
local p = akt.spawn_opt({ restart = "permanent", name = "p" }, function(x)
  count[1] = count[1] + 1
  main:send("run", x, count[1])
  akt.receive { boom = function() error("bang", 0) end }
end, "arg")
print(akt.receive()) -- expect: run	arg	1
p:send("boom")
print(akt.receive()) -- expect: run	arg	1
print(akt.whereis("p") == p, count[1]) -- expect: true	0
