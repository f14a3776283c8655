-- seeds: 5
-- The functions of states are part of the kind: they must not assign what they
-- have captured.
local akt = require "akt"
local n = 0
local M = akt.fsm { name = "m", initial = "a",
  states = { a = { go = function() n = n + 1 end } } }
print(select(2, akt.try(akt.spawn, M)).code)  -- expect: bad_kind
