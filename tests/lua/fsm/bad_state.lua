-- flags: --sim
-- seeds: 5
-- A handler that returns what is no state crashes its actor; so does a circle
-- of enter functions; a restart begins with the initial state.
local akt = require "akt"
local M = akt.fsm {
  name = "m", initial = "a",
  any = { state = function(self) return nil, self.state end },
  states = {
    a = { go = function() return "nowhere" end, b = "b", round = "c" },
    b = { go = function() return 7 end },
    c = { enter = function() return "d" end },
    d = { enter = function() return "c" end },
  },
}
local m = akt.spawn_opt({ restart = "permanent" }, M)
m:send("go")    -- expect-err: fsm m: state a names no state: nowhere (states: a, b, c, d)
m:send("b")
m:send("go")    -- expect-err: fsm m: state b names no state: a number (states: a, b, c, d)
akt.sleep(0.2)
m:send("round") -- expect-err: 100 states in a row
akt.sleep(0.3)
print(m:ask("state"))                    -- expect: a
