-- flags: --sim --seed 7
local akt = require "akt"
local A = akt.actor "a"
function A.on:go(next, ...) return next:ask("go", ...) end
local as = {}
for i = 1, 3 do as[i] = akt.spawn(A) end
local start = akt.clock()
local _, err = akt.try(akt.ask, as[1], "go", as[2], as[3], as[1])
while err.reason and err.reason.error do err = err.reason.error end
print(err.code, select(2, err.message:gsub("waits for", "")))  -- expect: deadlock	3
print(akt.clock() - start < 1)                    -- expect: true
-- expect-err: error[deadlock]
