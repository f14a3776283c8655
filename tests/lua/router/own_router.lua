-- A routee that asks its own router gets another routee; if there is none, or
-- the circle closes behind the router, it is a deadlock and is raised at once.
local akt = require "akt"
local W = akt.actor "worker"
function W.on:work(router, depth)
  if depth == 0 then return "done" end
  return router:ask("work", router, depth - 1)
end
local r = akt.router { strategy = "round_robin", kind = W, size = 3 }
print(r:ask("work", r, 2))                     -- expect: done
r:resize(1)
local _, err = akt.try(akt.ask, r, "work", r, 1)
print(err.code, err.reason.error.code)         -- expect: crash	deadlock

-- expect-err: deadlock
