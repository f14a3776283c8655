-- seeds: 5
-- Wrong options are errors where they are written.
local akt = require "akt"
local n = 0
local function refused(passivate)
  n = n + 1
  local K = akt.actor("k" .. n)
  K.passivate = passivate
  local _, err = akt.try(akt.spawn, K)
  return err.code, (err.message:gsub("^.-:%d+: ", ""))
end
print(refused { afer = 1 }) -- expect: bad_option	passivate has no option "afer"; did you mean "after"?
print(refused { after = "2 minutes" }) -- expect: bad_option	after must be seconds over 0, or like "500ms" or "2m", not 2 minutes
print(refused { after = 0 }) -- expect: bad_option	after must be seconds over 0, or like "500ms" or "2m", not 0
print(refused { messages = 0 }) -- expect: bad_option	passivate is { after = seconds } or { messages = n }, n 1 or more, or false
print((refused {})) -- expect: bad_option
print((refused(true))) -- expect: bad_option

local _, err = akt.try(akt.spawn_opt, { passivate = { after = 1 } }, function() end)
print(err.code, err.message:match("passivate is for kinds")) -- expect: bad_option	passivate is for kinds
_, err = akt.try(akt.passivate)
print(err.code, err.message:match("a process cannot be passivated")) -- expect: denied	a process cannot be passivated
assert(akt.spawn_opt({ passivate = false }, function() end))
