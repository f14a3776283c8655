-- A handler may not assign what it captured: actors of one isolate would
-- share it.
local akt = require "akt"
local n = 0
local K = akt.actor "k"
function K.on:inc()
  n = n + 1
end
local ok, err = akt.try(akt.spawn, K)
print(ok, err.code)   -- expect: nil	bad_kind
print((err.message:gsub("^[^ ]+ ", "")))
-- expect: kind "k": tests/lua/kinds/assigned_capture_is_refused.lua:7: assigns the captured variable 'n', which all actors of the kind in one isolate would share: move it to self
