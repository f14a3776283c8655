-- A process that is killed while it asks: the answer does not reach its
-- successor, and its own asker gets `crash`.
-- flags: --sim --seed 4
local akt = require "akt"

local Slow = akt.actor "slow"
function Slow.on:get(x) akt.sleep(1) return x end

local W = akt.actor "w"
function W.on:ask(slow, x) return slow:ask("get", x) end
function W.on:ping() return "pong" end

local slow = akt.spawn(Slow)
local w = akt.spawn_opt({ restart = "permanent" }, W)
local f = w:async("ask", slow, "first")
akt.sleep(0.1)
akt.kill(w)
print(select(2, akt.try(f.wait, f)).code) -- expect: crash
print(w:ask("ask", slow, "second"))       -- expect: second
print(w:ask("ping"))                      -- expect: pong
