-- flags: --sim --seed 5
-- An actor that stops itself, and is restarted for it, does so when all its
-- handlers have ended.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:slow() akt.sleep(0.01) return "slow" end
function A.on:stop() akt.stop() end
local a = akt.spawn_opt({ restart = "permanent" }, A)
local f = akt.async(a, "slow")
a:send("stop")
print(f:wait())                          -- expect: slow
akt.sleep(0.001)
print(akt.info(a).restarts)              -- expect: 1
