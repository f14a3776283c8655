-- seeds: 5
local akt = require "akt"
local W = akt.actor "w"
local function refused(health, what)
  local _, err = akt.try(akt.spawn_opt, { health = health }, what or W)
  return err.code, (err.message:gsub("^.-:%d+: ", ""))
end
print(refused { evry = 1 }) -- expect: bad_option	health has no option "evry"; did you mean "every"?
print(refused { every = 0 }) -- expect: bad_option	every must be seconds over 0, or like "500ms" or "2m", not 0
print(refused { fails = 0 }) -- expect: bad_option	health fails must be 1 or more
print((refused(true))) -- expect: bad_option
print((refused({}, function() end))) -- expect: bad_option
local Bad = akt.actor "bad"
Bad.health = "ok"
print(select(2, akt.try(akt.spawn, Bad)).code) -- expect: bad_kind
