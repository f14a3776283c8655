-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
function W.on:register() akt.register("second") end
function W.on:boom() error("bang", 0) end
function W.on:ping() return "pong" end

local w = akt.spawn_opt({ restart = "permanent" }, W)
w:ask("register")
w:send("boom")
print(akt.ask("second", "ping"), akt.whereis("second") == w) -- expect: pong	true
