-- flags: --sim
-- seeds: 5
-- An idle actor leaves, and the next message finds it under the same pid and
-- name, with its arguments and what idle() returned. (GoAkt's is gone.)
local akt = require "akt"
local S = akt.actor "s"
S.passivate = { after = "2m" }
function S:init(name) self.name, self.n = name, 0; print("init", name) end
function S.on:add(k) self.n = self.n + k end
function S.on:get() return self.name, self.n end
function S:idle() print "idle"; return self.n, { "kept" } end
function S:wake(n, t) self.n = n; print("wake", n, t[1]) end

local s = akt.spawn_opt({ name = "bob" }, S, "b") -- expect: init	b
s:send("add", 3)
akt.sleep(119)
s:send("add", 1) -- used again: the clock starts anew
akt.sleep(119)
print(akt.info(s).state) -- expect: idle
akt.sleep(2)
-- expect: idle
print(akt.info(s).state, akt.info(s).kept > 0, akt.alive(s)) -- expect: passivated	true	true
assert(akt.whereis("bob") == s and akt.stats().away == 1)
-- expect: init	b
-- expect: wake	4	kept
print(akt.ask("bob", "get")) -- expect: b	4
print(akt.info(s).state, akt.info(s).restarts, akt.stats().away) -- expect: idle	0	0
akt.sleep(121)
-- expect: idle
print(akt.info(s).state, akt.stats().passivated, akt.stats().woken) -- expect: passivated	2	1
