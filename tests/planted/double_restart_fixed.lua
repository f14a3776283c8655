-- Restarting is the business of its parent.
local akt = require "akt"
local Service = akt.actor "service"
function Service.on:crash() error("crash") end
function Service.on:ping() return true end

local service = akt.spawn_opt({ name = "service", restart = "permanent" },
                              Service)
service:send("crash")
akt.sleep(1)
assert(akt.whereis("service"):ask("ping"))
