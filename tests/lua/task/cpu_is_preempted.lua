-- seeds: 5
-- A task that computes is preempted like a handler; others of the isolate go
-- on, and no other handler of the actor runs in the middle of it.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A:init() self.inside = 0 end
local function burn(self)
  self.inside = self.inside + 1
  local t = akt.clock() + 0.01
  while akt.clock() < t do assert(self.inside == 1) end
  self.inside = self.inside - 1
end
function A.on:go() akt.task(burn, self) akt.task(burn, self) akt.sleep(0) burn(self) return "ok" end
local a = akt.spawn(A)
local f, g = akt.async(a, "go"), akt.async(a, "go")
print(f:wait(), g:wait())                -- expect: ok	ok
