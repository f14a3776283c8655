-- seeds: 5
-- A message sent before the reply is there when the ask returns.
local akt = require "akt"

local A = akt.actor "a"
function A.on:get(to)
  to:send("before")
  return "reply"
end

local a = akt.spawn(A)
for _ = 1, 50 do
  assert(a:ask("get", akt.self()) == "reply")
  local seen = akt.try(akt.receive, { before = function() return true end }, 0)
  assert(seen)
end
print "ok" -- expect: ok
