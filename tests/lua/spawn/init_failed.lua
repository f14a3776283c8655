-- seeds: 5
-- An error in the first init makes spawn raise init_failed; the actor does not
-- restart, its name is free, and it leaves no monitor and no link behind.
local akt = require "akt"

local W = akt.actor "w"
function W:init(how)
  if how == "string" then error("no disk") end
  if how == "table" then error({ code = "disk", message = "disk is full" }) end
end
function W:terminate() print "terminate" end

local _, err = akt.try(akt.spawn_opt, { name = "w", restart = "permanent" }, W, "string")
print(err.code)                     -- expect: init_failed
print(err.message:match("no disk")) -- expect: no disk
print(akt.whereis("w"))             -- expect: nil
_, err = akt.try(akt.spawn, W, "table")
print(err.code, err.reason.error.code, err.message:match("disk is full"))
-- expect: init_failed	disk	disk is full
_, err = akt.try(akt.spawn_monitor, W, "string")
print(err.code)                     -- expect: init_failed
_, err = akt.try(akt.spawn_link, W, "string")
print(err.code)                     -- expect: init_failed

print(akt.try(akt.receive, 0.05) == nil) -- expect: true
