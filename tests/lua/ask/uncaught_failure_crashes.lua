-- An ask that fails crashes its caller with that code, if nobody catches it.
local akt = require "akt"
local Caller = akt.actor "caller"
function Caller.on:go() akt.ask("nobody", "x") end
local c, ref = akt.spawn_monitor(Caller)
c:send("go")
akt.receive{ down = function(r, p, reason)
  print(reason.code, reason.error.code)   -- expect: crash	noproc
end }
-- expect-err: error[noproc]: <caller#
-- expect-err: crashed in on.go
-- expect-err: uncaught_failure_crashes.lua:4: ask: there is no such actor
-- seeds: 5
