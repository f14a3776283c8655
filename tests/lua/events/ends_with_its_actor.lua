-- flags: --sim
-- seeds: 5
-- A subscription is gone after the end and after a restart, and does not keep
-- the program alive.
local akt = require "akt"

local Once = akt.actor "once"
function Once.on:subscribe() akt.events.subscribe() end
function Once.on:die() error("dies") end
function Once.on:event() end
function Once.on:ping() return "pong" end

local function subscribers() return #akt.events.stats().subscribers end

local once = akt.spawn_opt({ restart = "permanent" }, Once)
once:ask("subscribe")
print(subscribers())           -- expect: 1
akt.try(akt.ask, once, "die")
print(once:ask("ping"), subscribers()) -- expect: pong	0
once:ask("subscribe")
akt.stop(once)
while akt.alive(once) do akt.sleep(0.001) end
print(subscribers())           -- expect: 0
akt.spawn(Once):ask("subscribe")
-- and here the program ends
