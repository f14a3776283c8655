-- seeds: 5
-- A plain receive in a handler does not change whom the handler answers.
local akt = require "akt"
local H = akt.actor "h"
function H.on:go()
  local tag, x = akt.receive()
  return "go", tag, x
end
local h = akt.spawn(H)
for i = 1, 3 do
  local f = akt.async(h, "go")
  h:send("x", i)
  print(f:wait())
end
-- expect: go	x	1
-- expect: go	x	2
-- expect: go	x	3
local f = akt.async(h, "go")
local g = akt.async(h, "x", 4)
print(f:wait())     -- expect: go	x	4
print(g:done())     -- expect: false
