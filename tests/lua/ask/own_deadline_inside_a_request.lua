-- flags: --sim --seed 7
-- A timeout of the handler's own making is a failure of the handler.
local akt = require "akt"
local Middle = akt.actor "middle"
function Middle.on:get() akt.within(1, akt.sleep, 3) end
local m = akt.spawn(Middle)
local _, err = akt.try(akt.ask, m, "get")
print(err.code, err.reason.error.code, akt.stats().crashes, akt.stats().expired)
-- expect: crash	timeout	1	0
-- expect-err: error[timeout]
