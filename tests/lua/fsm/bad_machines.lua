-- Mistakes are found at the definition.
local akt = require "akt"
local function try(spec)
  local _, err = akt.try(akt.fsm, spec)
  print(err.code, (err.message:gsub("^[^ ]*: ", "")))
end
local a = {}
try(1)                                             -- expect: bad_argument	fsm: a table is expected, got number
try { initial = "a", stats = {} }                  -- expect: bad_option	fsm has no option "stats"; did you mean "states"?
try { initial = "a" }                              -- expect: bad_option	fsm: states must be a table, not a nil
try { initial = "a", states = {} }                 -- expect: bad_option	fsm: states must name at least one state
try { initial = "b", states = { a = a } }          -- expect: bad_option	fsm: initial names no state: b (states: a)
try { states = { a = a } }                         -- expect: bad_option	fsm: initial must be the name of a state, not a nil
try { initial = "a", states = { a = { go = "c" } } }  -- expect: bad_option	fsm: a.go names no state: c (states: a)
try { initial = "a", states = { a = { go = 1 } } }  -- expect: bad_option	fsm: a.go must be a function or the name of a state, not a number
try { initial = "a", states = { a = { enter = 1 } } }  -- expect: bad_option	fsm: a.enter must be a function, not a number
try { initial = "a", states = { a = { timeout = 5 } } }  -- expect: bad_option	fsm: a.timeout must be { seconds, a function or the name of a state }
try { initial = "a", states = { a = { timeout = { "x", "a" } } } }  -- expect: bad_option	fsm: a.timeout must be seconds, or like "500ms" or "2m", not x
try { initial = "a", states = { a = { timeout = { 1, "z" } } } }  -- expect: bad_option	fsm: a.timeout names no state: z (states: a)
try { initial = "a", states = { a = { postpone = "x" } } }  -- expect: bad_option	fsm: a.postpone must be a list of tags, not a string
try { initial = "a", states = { a = 1 } }          -- expect: bad_option	fsm: state a must be a table, not a number
try { initial = "a", states = { a }, any = 1 }     -- expect: bad_option	fsm: the name of a state is a string, not a number
try { initial = "a", states = { a = a }, any = 1 }  -- expect: bad_option	fsm: any must be a table, not a number
