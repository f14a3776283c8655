-- flags: --sim --seed 7
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow.on:get(s) akt.sleep(s) end
function Slow.on:fail() error({ code = "teapot" }) end
print(select(2, akt.try(function() akt.async("nobody", "x"):wait() end)).code) -- expect: noproc
local f = akt.async(akt.spawn(Slow), "get", 9)
print(select(2, akt.try(f.wait, f)).code)   -- expect: timeout
local g = akt.async(akt.spawn(Slow), "fail")
local h = akt.async(akt.spawn(Slow), "get", 1)
local _, err = akt.try(akt.all, h, g)
print(err.code, err.reason.error.code)      -- expect: crash	teapot
-- expect-err: error[teapot]
