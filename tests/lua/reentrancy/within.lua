-- flags: --sim --seed 5
-- A deadline of akt.within is that of its handler only; one that came with a
-- request ends the handler of that request, and nothing else.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A:init() self.n = 0 end
function A.on:long(s) akt.sleep(s) self.n = self.n + 1 return "slept" end
function A.on:short()
  local _, err = akt.try(akt.within, 0.005, akt.sleep, 1)
  return err.code
end
function A.on:n() return self.n end
local a = akt.spawn(A)
local long = akt.async(a, "long", 0.03)
print(a:ask("short"))                        -- expect: timeout
local _, err = akt.try(akt.within, 0.01, akt.ask, a, "long", 1)
print(err.code)                              -- expect: timeout
print(long:wait(), a:ask("n"))               -- expect: slept	1
