-- flags: --sim
-- seeds: 5
-- A parked actor is restarted by akt.reinstate, with a fresh budget. (In
-- GoAkt one that crashed again and again was restarted for ever.)
local akt = require "akt"
-- expect-err: 2 of 2
-- expect-err: it is parked
-- expect-err: 1 of 2
-- expect-err: 2 of 2
-- expect-err: it is parked
local W = akt.actor "w"
function W.on:work(x) if x == "bad" then error "bad" end return "done " .. x end
local sup = akt.supervisor {
  max = 2, within = 1000, backoff = { 0, 0 }, exhausted = "park",
  { "w", W, restart = "permanent" },
}
local w = akt.whereis "w"
local function crash(n) for _ = 1, n do akt.try(akt.ask, "w", "work", "bad") end end
crash(2)
print(akt.ask("w", "work", "a")) -- expect: done a
crash(1)
local waiting = akt.async("w", "work", "b")
akt.sleep(1)
print(akt.info("w").state, akt.info("w").restarts) -- expect: down	2
print(akt.reinstate("w")) -- expect: true
print(waiting:wait()) -- expect: done b
print(akt.whereis "w" == w, akt.info("w").restarts) -- expect: true	3
crash(2) -- as often again
print(akt.ask("w", "work", "c")) -- expect: done c
crash(1)
akt.sleep(1)
print(akt.info("w").state) -- expect: down
akt.stop "w"
akt.sleep(1)
print(#akt.children(sup)) -- expect: 0
