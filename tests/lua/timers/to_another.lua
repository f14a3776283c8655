-- flags: --sim --seed 7
local akt = require "akt"
local A = akt.actor "a"
function A.on:tick(x, n) print(x, n, akt.sender(), akt.clock() > 0.9) end
local a = akt.spawn(A)
akt.after_opt(1, "tick", "once", nil, { to = a })   -- expect: once	nil	nil	true
local t = akt.every_opt(2, "tick", "each", { to = a })
akt.sleep(5)
-- expect: each	nil	nil	true
-- expect: each	nil	nil	true
t:cancel()
akt.after_opt(1, "x", {})  -- to itself, in vain
print(select(2, akt.try(akt.after_opt, 1, "tick")).code)           -- expect: bad_option
print(select(2, akt.try(akt.after_opt, 1, "tick", { too = a })).code) -- expect: bad_option
