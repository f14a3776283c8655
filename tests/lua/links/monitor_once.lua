-- seeds: 5
-- Each monitor has its own ref and tells once.
local akt = require "akt"

local W = akt.actor "w"
local w = akt.spawn(W)
local a, b = akt.monitor(w), akt.monitor(w)
print(a ~= b) -- expect: true
w:stop("x")
local seen = {}
for _ = 1, 2 do
  local _, r, who, reason = akt.receive()
  assert(who == w and reason == "x")
  seen[r] = (seen[r] or 0) + 1
end
print(seen[a], seen[b])               -- expect: 1	1
print(akt.try(akt.receive, 0) == nil) -- expect: true
