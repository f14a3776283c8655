-- flags: --sim --seed 7
-- Who owes a deferred reply may not ask the one that waits for it.
local akt = require "akt"
local D = akt.actor "d"
function D.on:get() self.token, self.asker = akt.defer(), akt.sender() end
function D.on:go()
  local _, err = akt.try(akt.ask, self.asker, "x")
  self.token:reply(err.code)
end
local d = akt.spawn(D)
local A = akt.actor "a"
function A.on:go(d) return d:ask("get") end
local f = akt.async(akt.spawn(A), "go", d)
akt.sleep(0.1)
d:send("go")
print(f:wait()) -- expect: deadlock
