-- exit: 7
-- expect-err: no flush
local akt = require "akt"
akt.on_shutdown(function() error "no flush" end, { on_error = "fail" })
akt.exit(7)
