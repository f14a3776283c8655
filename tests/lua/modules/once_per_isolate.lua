-- A module is loaded once in an isolate; its kinds are the same kinds
-- everywhere.
local akt = require "akt"
local M = require "support.counter" 
print(M == require "support.counter", M.name)  -- expect: true	support.counter
local c = akt.spawn(M.Counter, 5)
c:send("inc")
print(c:ask("get"))                        -- expect: 6
local p = akt.spawn_opt({ isolate = true }, function(main)
  local N = require "support.counter"
  print(require "support.counter" == N)    -- expect: true
  local d = akt.spawn(N.Counter, 7)
  main:send("got", d:ask("get"), tostring(d):match("%a+"))
end, akt.self())
akt.receive{ got = print }                 -- expect: 7	counter
