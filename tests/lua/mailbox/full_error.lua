-- flags: --sim --seed 7
-- error: raised in the sender at once.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { max = 2, full = "error" }
function K.on:wait() akt.sleep(1) end
function K.on:x(i) print(i) end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.1)
print(k:send("x", 1), k:send("x", 2))               -- expect: true	true
print(select(2, akt.try(akt.send, k, "x", 3)).code) -- expect: overloaded
print(select(2, akt.try(akt.ask, k, "x", 4)).code)  -- expect: overloaded
local _, err = akt.try(akt.async, k, "x", 5)
print(err.code)                                     -- expect: overloaded
-- expect: 1
-- expect: 2
