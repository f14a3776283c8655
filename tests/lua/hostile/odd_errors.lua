-- Errors that are no strings crash only their actor, with a report that can
-- be read.
-- expect-err: error(nil)
-- expect-err: false
-- expect-err: 42
-- expect-err: __tostring fails
-- expect-err: __tostring fails
-- expect-err: bytes)
local akt = require "akt"
local deep = setmetatable({}, { __tostring = function(s) return tostring(s) end })
local raising = setmetatable({}, { __tostring = function() error("no") end })
local odd = setmetatable({}, { __tostring = function() return 7 end })
local function crash(f)
  akt.spawn_monitor(f)
  return akt.receive({ down = function(_, _, r) return r end }, 20)
end
print(crash(function() error(nil) end).message)   -- expect: error(nil)
print(crash(function() error(false) end).message) -- expect: false
print(crash(function() error(42) end).message:match("42$")) -- expect: 42
crash(function()
  error(setmetatable({}, { __tostring = function(s) return tostring(s) end }))
end)
crash(function()
  error(setmetatable({}, { __tostring = function() error("no") end }))
end)
print(#crash(function() error(("x"):rep(2e7), 0) end).message) -- expect: 16387
print(crash(function() error({ code = ("c"):rep(1e6), message = {} }) end).code)
-- expect: crash
print(crash(function() error(setmetatable({}, { __index = error })) end).code)
-- expect: crash
print(crash(function() error({ code = "mine", message = "m" }) end).error.code)
-- expect: mine
print(crash(function() error({ f = print }) end).error) -- expect: nil
print(crash(function() error(coroutine.running()) end).code) -- expect: crash
