-- flags: --sim --seed 5
-- on_error = "resume" drops the handler that failed, and only that.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:wait() akt.sleep(0.01) return "done" end
function A.on:bad() akt.sleep(0.001) error { code = "known", message = "m" } end
local a = akt.spawn_opt({ on_error = { known = "resume" } }, A)
local f, g = akt.async(a, "wait"), akt.async(a, "bad")
print(select(2, akt.try(g.wait, g)).code, f:wait())  -- expect: crash	done
print(akt.info(a).in_flight)                          -- expect: 0
-- expect-err: error[known]
