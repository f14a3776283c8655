-- exit: 1
local akt = require "akt"
local main = akt.self()
local W = akt.actor "w"
function W.on:go() main:kill() end
function W:terminate(reason) print("w ends", reason) end
akt.spawn(W):send("go")
akt.receive({})
-- expect: w ends	shutdown
-- expect-err: error[killed]: <main#1> was killed
