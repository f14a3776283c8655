-- seeds: 5
local akt = require "akt"

local main = akt.self()

local W = akt.actor "w"
function W.on:who()
  local before = akt.sender()
  akt.sleep(0)
  return before, akt.sender(), akt.parent(), akt.self()
end

local w = akt.spawn(W)
local a, b, parent, me = w:ask("who")
print(a == main, b == main, parent == main, me == w)
-- expect: true	true	true	true
print(akt.sender()) -- expect: nil
print(akt.parent()) -- expect: </user>
