-- flags: --sim --seed 1
-- A task that health() waits for fails like any other: its actor crashes, and
-- no check has failed. What follows is as after any crash.
local akt = require "akt"
local A = akt.actor "a"
function A:health()
  local f = akt.task(function() akt.sleep(0.1) error { code = "no_disk" } end)
  akt.try(f.wait, f)
end
function A.on:get() akt.sleep(0.1) return "well" end
function A.on:bad() error { code = "bad" } end
local a = akt.spawn_opt({ health = { every = 10, timeout = 1, fails = 1 },
                          restart = "permanent" }, A)
akt.sleep(10.5)
print(a:ask("get"), akt.info(a).restarts)          -- expect: well	1
print(select(2, akt.try(akt.ask, a, "bad")).code)  -- expect: crash
-- expect-err: error[no_disk]
-- expect-err: crashed in a task
-- expect-err: error[bad]
akt.exit()
