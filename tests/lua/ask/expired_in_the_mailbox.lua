-- flags: --sim --seed 7
-- An ask that expired in the mailbox is never started.
local akt = require "akt"
local Busy = akt.actor "busy"
function Busy.on:work() akt.sleep(3) end
function Busy.on:get() print("started") end
local b = akt.spawn(Busy)
b:send("work")
local _, err = akt.try(akt.within, 1, akt.ask, b, "get")
print(err.code)                              -- expect: timeout
akt.sleep(5)
print(akt.stats().expired, akt.stats().dead_letters.expired) -- expect: 1	1
