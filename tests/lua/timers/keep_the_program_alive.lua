-- flags: --sim --seed 7
local akt = require "akt"
local A = akt.actor "a"
function A.on:go() akt.after(100, "tick") end
function A.on:tick() print("tick") end   -- expect: tick
akt.spawn(A):send("go")
