-- flags: --sim --seed 1
-- No message is handled beside health(): a crash is that of its handler, and a
-- check that is cut off cuts off nothing else.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A:health() akt.sleep(100) end
function A.on:slow() akt.sleep(2) return "slow" end
function A.on:bad() akt.sleep(0.1) error { code = "bad" } end
local a = akt.spawn_opt({ health = { every = 10, timeout = 1, fails = 3 },
                          on_error = { ["*"] = "resume" } }, A)
akt.sleep(10.5)
local f = akt.async(a, "slow")
print(select(2, akt.try(akt.ask, a, "bad")).code)  -- expect: crash
print(f:wait())                                    -- expect: slow
-- expect-err: crashed in on.bad
