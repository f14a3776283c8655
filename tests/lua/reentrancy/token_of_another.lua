-- flags: --sim --seed 5
-- A token belongs to its actor: sent to another one it answers nothing, and who
-- waits for it is told when the actor ends.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A.on:get() akt.sleep(0.001) self.token = akt.defer() end
function A.on:give() return self.token end
local a = akt.spawn(A)
local f = akt.async(a, "get")
akt.sleep(0.01)
local token = a:ask("give")
print(token:reply("stolen"))                 -- expect: false
akt.stop(a)
print(select(2, akt.try(f.wait, f)).code)    -- expect: noproc
