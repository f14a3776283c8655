-- The handler crashes: its asker gets `crash`, with what was raised.
local akt = require "akt"
local Bad = akt.actor "bad"
function Bad.on:text() error("oops") end
function Bad.on:data() error({ code = "teapot", message = "short and stout" }) end
for _, tag in ipairs{ "text", "data" } do
  local p = akt.spawn(Bad)
  local _, err = akt.try(akt.ask, p, tag)
  print(err.code, err.pid == p, err.message)
  print(err.reason.code, err.reason.message, err.reason.error and err.reason.error.code)
end
-- expect: crash	true	tests/lua/ask/crash.lua:8: ask: tests/lua/ask/crash.lua:4: oops
-- expect: crash	tests/lua/ask/crash.lua:4: oops	nil
-- expect: crash	true	tests/lua/ask/crash.lua:8: ask: short and stout
-- expect: crash	short and stout	teapot
-- expect-err: oops
-- expect-err: error[teapot]
-- seeds: 5
