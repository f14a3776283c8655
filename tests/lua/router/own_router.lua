-- seeds: 5
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


local Peer = akt.actor "peer"
function Peer.on:go(router) return router:ask("back", akt.self()) end
local Back = akt.actor "back"
function Back.on:back(peer) return peer:ask("go", akt.self()) end
r = akt.router { strategy = "random", kind = Back, size = 2 }
_, err = akt.try(akt.ask, akt.spawn(Peer), "go", r)
print(err.code, err.reason.error.code)
print(err.reason.error.reason.error.code)
-- expect: crash	crash
-- expect: deadlock
-- expect-err: deadlock
