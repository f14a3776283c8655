-- flags: --sim
-- seeds: 5
-- exit: 1
-- What a failing function of on_shutdown leads to: retried, skipped, or the
-- end fails and the rest is left out. The higher priority goes first.
local akt = require "akt"
-- expect-err: flaky
local tries = {}
local function step(name, good)
  return function()
    tries[name] = (tries[name] or 0) + 1
    print(name, tries[name])
    if not good or tries[name] < good then error(name, 0) end
  end
end
akt.on_shutdown(step("never runs", 1))
akt.on_shutdown(step("broken"), { on_error = "retry", tries = 2, pause = "500ms" })
akt.on_shutdown(step("before", 1), { on_error = "fail" })
akt.on_shutdown(step("flaky"), { on_error = "skip", tries = 2 })
akt.on_shutdown(step("slow", 3), { on_error = "retry" })
akt.on_shutdown(step("first", 1), { priority = 10 })
-- expect: first	1
-- expect: slow	1
-- expect: slow	2
-- expect: slow	3
-- expect: flaky	1
-- expect: flaky	2
-- expect: before	1
-- expect: broken	1
-- expect: broken	2
