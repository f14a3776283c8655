-- A function of on_shutdown that fails is reported; the others run all the same.
local akt = require "akt"
akt.on_shutdown(function() print "first" end)
akt.on_shutdown(function() error("oops", 0) end)
akt.on_shutdown(function() akt.sleep(0.01) print "third" end)
-- expect: third
-- expect: first
-- expect-err: oops
