-- seeds: 5
local akt = require "akt"
local W = akt.actor "w"
function W:init() end
local function refused(init, what)
  local _, err = akt.try(akt.spawn_opt, { init = init }, what or W)
  return err.code, (err.message:gsub("^.-:%d+: ", ""))
end
print(refused { retry = 1 }) -- expect: bad_option	init has no option "retry"; it has "timeout", "retries", "backoff"
print(refused { timeot = 1 }) -- expect: bad_option	init has no option "timeot"; did you mean "timeout"?
print(refused { timeout = -1 }) -- expect: bad_option	timeout must be seconds over 0, or like "500ms" or "2m", not -1
print(refused { retries = 1001 }) -- expect: bad_option	init retries must be 0 to 1000
print((refused { backoff = 3 })) -- expect: bad_option
print((refused({ retries = 1 }, function() end))) -- expect: bad_option
