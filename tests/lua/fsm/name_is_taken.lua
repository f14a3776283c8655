-- A machine whose name is taken is told where the other one is.
local akt = require "akt"
local function machine()
  local kind = akt.fsm { name = "door", initial = "a", states = { a = {} } }
  return kind
end
local door = machine()
print((select(2, akt.try(machine)).message:match("defined already.*")))
-- expect: defined already, at tests/lua/fsm/name_is_taken.lua:4
