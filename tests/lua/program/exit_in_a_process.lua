-- In a coroutine of a permanent process; it is not restarted.
-- exit: 4
local akt = require "akt"
akt.supervisor {
  { "p", function()
    print "runs"
    coroutine.wrap(function() akt.exit(4) end)()
    print "not reached"
  end, restart = "permanent" },
}
akt.receive({})
-- expect: runs
