-- flags: --sim
-- seeds: 5
-- `unhealthy` is a code like any other for on_error; one that is suspended or
-- passivated is not asked; checks keep nothing alive.
local akt = require "akt"
local W = akt.actor "w"
W.passivate = { messages = 2 }
function W:init() self.asked = 0 end
function W:health() self.asked = self.asked + 1; if self.asked == 3 then return "failed" end end
function W.on:asked() return self.asked end
function W:idle() return self.asked end
function W:wake(n) self.asked = n end
local w = akt.spawn_opt({ on_error = { unhealthy = "suspend" }, health = { every = 1, fails = 1 } }, W)
-- expect-err: error[unhealthy]
-- expect-err: suspended with its state
akt.sleep(10)
print(akt.info(w).state, akt.info(w).health) -- expect: suspended	failed
akt.reinstate(w)
print(w:ask "asked") -- expect: 3
akt.sleep(2.5)
print(w:ask "asked") -- expect: 5
akt.sleep(10)
print(akt.info(w).state) -- expect: passivated
print(w:ask "asked") -- expect: 5
