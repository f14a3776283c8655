-- exit: 1
-- expect-err: no flush
-- "fail" makes the exit code 1, also when akt.exit has said 0; another code
-- stays.
local akt = require "akt"
akt.on_shutdown(function() error "no flush" end, { on_error = "fail" })
akt.exit(0)
