-- flags: --sim --seed 5
-- A process, and main, ends when its function and its tasks have ended.
local akt = require "akt"
local p, ref = akt.spawn_monitor(function()
  akt.task(function()
    akt.sleep(0.001)
    akt.task(function() akt.sleep(0.001) print "inner" end)
    print "outer"
  end)
end)
print(akt.receive { down = function(_, _, reason) return reason end })
-- expect: outer
-- expect: inner
-- expect: normal
akt.task(function() akt.sleep(0.01) print "task" end)
akt.on_shutdown(function() print "shutdown" end)
print "text"
-- expect: text
-- expect: task
-- expect: shutdown
