-- flags: --sim --seed 3
-- 20 % of a core beside one that is not limited: a fifth of the work, plus the
-- bucket it begins with.
local akt = require "akt"
local function work(to, tag)
  local n, stop = 0, akt.clock() + 3
  while akt.clock() < stop do n = n + 1 end
  akt.send(to, tag, n)
end
akt.spawn_opt({ cpu = "20%" }, work, akt.self(), "slow")
akt.spawn_opt({ isolate = true }, work, akt.self(), "fast")
local done = {}
for _ = 1, 2 do
  local tag, n = akt.receive()
  done[tag] = n
end
local share = done.slow / (done.slow + done.fast)
print(share > 0.17 and share < 0.23 or share)
-- expect: true
