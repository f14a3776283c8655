-- os.exit ends the program in order, too; true is 0, false is 1.
-- exit: 1
local akt = require "akt"
akt.on_shutdown(function() print "on_shutdown" end)
os.exit(false)
-- expect: on_shutdown
