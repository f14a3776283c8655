-- flags: --sim --seed 5
-- A task that crashes crashes its actor; those that wait get `crash`.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:wait() akt.sleep(60) end
function A.on:bad() akt.task(function() akt.sleep(0.001) error "boom" end) akt.sleep(60) end
function A.on:caught()
  return akt.task(akt.try, function() error { code = "mine", message = "m" } end):wait()
end
local a = akt.spawn_opt({ restart = "permanent" }, A)
print(select(2, a:ask("caught")).code)   -- expect: mine
local f, g = akt.async(a, "wait"), akt.async(a, "bad")
print(select(2, akt.try(f.wait, f)).code, select(2, akt.try(g.wait, g)).code)
-- expect: crash	crash
print(akt.info(a).tasks, akt.info(a).restarts)  -- expect: 0	1
-- expect-err: crashed in a task
