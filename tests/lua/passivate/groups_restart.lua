-- flags: --sim
-- seeds: 5
-- A sibling that is away is restarted with its group, without its old state.
local akt = require "akt"
-- expect-err: boom
local A = akt.actor "a"
function A.on:crash() error "boom" end
local B = akt.actor "b"
B.passivate = { after = 1 }
function B:init() self.n = 0 end
function B.on:add() self.n = self.n + 1; return self.n end
function B:idle() return self.n end
function B:wake(n) self.n = n end
akt.supervisor {
  strategy = "one_for_all",
  { "a", A, restart = "permanent" },
  { "b", B, restart = "permanent" },
}
akt.ask("b", "add")
akt.sleep(2)
print(akt.info("b").state) -- expect: passivated
akt.send("a", "crash")
akt.sleep(0.5)
print(akt.info("b").state, akt.info("b").restarts) -- expect: idle	1
print(akt.ask("b", "add")) -- expect: 1
akt.sleep(2)
print(akt.info("b").state, akt.ask("b", "add")) -- expect: passivated	2
