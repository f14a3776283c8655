-- seeds: 5
-- 64 levels travel, deeper nesting (a cycle, in the end) is refused.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(t) return t end
local e = akt.spawn(Echo)
local function nest(n)
  local t = {}
  for _ = 2, n do t = { t } end
  return t
end
local function depth(t) local n = 0 while t do t, n = t[1], n + 1 end return n end
print(depth(e:ask("same", nest(60))))  -- expect: 60
print(select(2, akt.try(akt.ask, e, "same", nest(100))).code) -- expect: bad_message
