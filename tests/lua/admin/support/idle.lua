-- Lives until it is told to end.
local akt = require "akt"
local Idle = akt.actor "idle"
function Idle:init() akt.every(600, "tick") end
function Idle.on:tick() end
akt.spawn_opt({ name = "one", restart = "permanent" }, Idle)
akt.spawn_opt({ name = "two" }, Idle)
print("ready")
