-- flags: --sim --seed 4
-- Once a crossing: overloaded at the bound, recovered below three quarters of
-- it, before the actor's next message; and as events.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { max = 8, full = "drop_new" }
function K.on:wait() akt.sleep(1) end
function K.on:m(n) print("m", n) end
function K:overloaded(queued) print("overloaded", queued) end
function K:recovered(queued) print("recovered", queued) end
local k = akt.spawn(K)
local function burst(n)
  k:send("wait")
  akt.sleep(0.1)
  for i = 1, n do k:send("m", i) end
  akt.sleep(2)
  print("--")
end
burst(7)
burst(10)
burst(8)
-- the same number of them by a smaller one, with an unbounded mailbox
local s = akt.spawn_opt({ mailbox = { max = math.huge, signal = 2 } }, K)
k = s
burst(2)
-- expect: m	1
-- expect: m	2
-- expect: m	3
-- expect: m	4
-- expect: m	5
-- expect: m	6
-- expect: m	7
-- expect: --
-- expect: overloaded	8
-- expect: m	1
-- expect: m	2
-- expect: m	3
-- expect: recovered	5
-- expect: m	4
-- expect: m	5
-- expect: m	6
-- expect: m	7
-- expect: m	8
-- expect: --
-- expect: overloaded	8
-- expect: m	1
-- expect: m	2
-- expect: m	3
-- expect: recovered	5
-- expect: m	4
-- expect: m	5
-- expect: m	6
-- expect: m	7
-- expect: m	8
-- expect: --
-- expect: overloaded	2
-- expect: m	1
-- expect: recovered	1
-- expect: m	2
-- expect: --
