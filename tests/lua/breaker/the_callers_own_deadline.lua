-- flags: --sim --seed 1
-- A call that its caller's deadline ends says nothing of what was called; a
-- limit inside of the call, or the breaker's own, does.
local akt = require "akt"

local Slow = akt.actor "slow"
function Slow.on:work() akt.sleep(3600) end
local slow = akt.spawn(Slow)
local b = akt.breaker { calls = 3 }
local work = function() return slow:ask("work") end

for _ = 1, 10 do akt.try(akt.within, 1, b.call, b, work) end
print(b:state(), b:metrics().ignored, b:metrics().failed) -- expect: closed	10	0

-- asked with a deadline
local Client = akt.actor "client"
function Client.on:go() b:call(work) end
local client = akt.spawn(Client)
for _ = 1, 5 do
  local _, err = akt.try(akt.within, 1, akt.ask, client, "go")
  assert(err.code == "timeout")
end
akt.sleep(10)
print(b:state(), b:metrics().ignored, b:metrics().failed) -- expect: closed	15	0

for _ = 1, 3 do akt.try(b.call, b, akt.within, 1, work) end
print(b:state(), b:metrics().failed)                      -- expect: open	3

local own = akt.breaker { calls = 3, timeout = "500ms" }
for _ = 1, 3 do
  local _, err = akt.try(akt.within, 10, own.call, own, work)
  assert(err.code == "timeout")
end
print(own:state(), own:metrics().failed)                  -- expect: open	3
