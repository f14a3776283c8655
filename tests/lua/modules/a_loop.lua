-- Modules that require one another in a circle: a clear error, no overflow.
local akt = require "akt"
local _, err = akt.try(require, "support.loop_a")
print(err.code, err.message:match("module 'support.loop_a' requires itself"))
-- expect: bad_module	module 'support.loop_a' requires itself
