-- seeds: 5
-- A pre_restart that fails is reported, and the restart goes on.
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W:pre_restart() error("pre_restart fails too", 0) end
function W.on:ping() return "pong" end

local w = akt.spawn_opt({ restart = "permanent" }, W)
w:send("boom")
print(w:ask("ping")) -- expect: pong
-- expect-err: pre_restart fails too
