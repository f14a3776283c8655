-- seeds: 5
-- A mistake in an option is told at the call.
local akt = require "akt"

local W = akt.actor "w"
local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^[^ ]+ ", "")))
end
try(akt.spawn_opt, { nmae = "x" }, W)
-- expect: bad_option	spawn has no option "nmae"; did you mean "name"?
try(akt.spawn_opt, { restart = "always" }, W)
-- expect: bad_option	restart must be one of "temporary", "transient", "permanent", not "always"
try(akt.spawn_opt, { shutdown = "soon" }, W)
-- expect: bad_option	shutdown must be seconds, "kill" or math.huge
try(akt.spawn_opt, { on_error = { x = "ignore" } }, W)
-- expect: bad_option	on_error: an action is "resume", "restart", "stop", "suspend" or "escalate", not ignore
try(akt.supervisor, { strategy = "all" })
-- expect: bad_option	strategy must be one of "one_for_one", "one_for_all", "rest_for_one", not "all"
try(akt.supervisor, { { "a" } })
-- expect: bad_child	supervisor: a child is { "id", kind or function, ... }
try(akt.supervisor, { { "a", W, resart = "permanent" } })
-- expect: bad_option	supervisor: a child has no option "resart"; did you mean "restart"?
try(akt.supervisor, { { "a", W, restart = "always" } })
-- expect: bad_option	restart must be one of "temporary", "transient", "permanent", not "always"
try(akt.spawn_opt, { link = 1 }, W)
-- expect: bad_option	link must be true or false, not 1
