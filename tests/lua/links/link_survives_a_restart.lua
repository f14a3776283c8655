-- seeds: 5
-- Links others hold do not fire at a restart, only at the final end.
local akt = require "akt"

local main = akt.self()
local Trap = akt.actor "trap"
function Trap.on:link(pid) akt.link(pid) end
function Trap:exit(_, reason) main:send("exit", reason) end

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W.on:ping() return "pong" end

local t = akt.spawn(Trap)
local w = akt.spawn_opt({ restart = "permanent" }, W)
t:ask("link", w)
local ref = akt.monitor(w)
w:send("boom")
print(w:ask("ping"))                  -- expect: pong
print(akt.try(akt.receive, 0) == nil) -- expect: true
w:stop("done")
print(akt.receive { exit = function(reason) return "exit", reason end })
-- expect: exit	done
print(akt.receive { down = function(r, _, reason) return r == ref, reason end })
-- expect: true	done
