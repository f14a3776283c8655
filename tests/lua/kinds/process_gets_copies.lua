-- A process function gets a private copy of what it captured, in the
-- spawner's isolate too; what functions share stays shared in the copy.
local akt = require "akt"
local n, t = 0, { 1 }
local function inc() n = n + 1 return n end
local function body(to)
  inc()
  n = n + 10
  t[1] = t[1] + 1
  to:send("got", inc(), n, t[1])
end
for _ = 1, 2 do
  akt.spawn(body, akt.self())
  akt.receive{ got = print }
end
-- expect: 12	12	2
-- expect: 12	12	2
print(n, t[1])   -- expect: 0	1
inc()
akt.spawn_opt({ isolate = true }, body, akt.self())
akt.receive{ got = print }  -- expect: 13	13	2
