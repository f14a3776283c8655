-- flags: --sim --seed 3
-- The timeout of a state begins when it is entered and ends when it is left.
local akt = require "akt"
local M = akt.fsm {
  name = "m", initial = "idle",
  any = { state = function(self) return nil, self.state, self.late end },
  states = {
    idle = { start = "busy", nap = "napping" },
    busy = { timeout = { "2s", "idle" }, again = "busy", stay = function() end, finish = "idle" },
    napping = { timeout = { 1, function(self) self.late = "woken" return "idle" end } },
  },
}
local m = akt.spawn(M)
m:send("start") akt.sleep(1.5)
print(m:ask("state"))                    -- expect: busy	nil
m:send("stay") akt.sleep(1)
print(m:ask("state"))                    -- expect: idle	nil
m:send("start") akt.sleep(1.5) m:send("again") akt.sleep(1.5)
print(m:ask("state"))                    -- expect: busy	nil
m:send("finish") m:send("start") akt.sleep(1.9)
print(m:ask("state"))                    -- expect: busy	nil
akt.sleep(0.2)
m:send("nap") akt.sleep(1.1)
print(m:ask("state"))                    -- expect: idle	woken
