-- seeds: 5
-- The function's results are the reply, and what receive returns.
local akt = require "akt"
local p = akt.spawn(function(main)
  local a, b, c = akt.receive{ get = function(x) return x, nil, "r" end }
  main:send("got", a, b, c)
end, akt.self())
print(p:ask("get", 5))                    -- expect: 5	nil	r
print(akt.receive{ got = function(...) return ... end }) -- expect: 5	nil	r
