-- Kind:unknown gets what the state has no handler for; helpers are methods.
local akt = require "akt"
local M = akt.fsm {
  initial = "a",
  states = { a = { go = function(self) return "b", self:twice(4) end }, b = { x = "a", on = { exit = "a" } } },
}
function M:twice(n) return 2 * n end
function M:unknown(tag, ...) return "unknown " .. tag, ... end
local m = akt.spawn(M)
print(m:ask("x", 1))                     -- expect: unknown x	1
print(m:ask("go"))                       -- expect: 8
m:send("exit")
print(m:ask("go"))                       -- expect: 8
print(akt.info(m).kind)                  -- expect: unknown.lua:3
-- seeds: 5
