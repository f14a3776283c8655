-- seeds: 5
-- A result that cannot travel crashes the handler that returns it.
local akt = require "akt"
local Bad = akt.actor "bad"
function Bad.on:get() return print end
local p, ref = akt.spawn_monitor(Bad)
local _, err = akt.try(akt.ask, p, "get")
print(err.code)     -- expect: crash
akt.receive{ down = function(r, _, reason)
  print(r == ref, reason.error.code) -- expect: true	bad_message
end }
-- expect-err: a function cannot be sent
