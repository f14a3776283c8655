local akt = require "akt"
local function refused(...)
  local _, err = akt.try(akt.on_shutdown, ...)
  return err.code, (err.message:gsub("^.-:%d+: ", ""))
end
local function f() end
print(refused()) -- expect: bad_argument	on_shutdown: a function is expected
print(refused(f, { prority = 1 })) -- expect: bad_option	on_shutdown has no option "prority"; did you mean "priority"?
print(refused(f, { on_error = "stop" })) -- expect: bad_option	on_shutdown on_error must be one of "fail", "retry", "skip"
print(refused(f, { tries = 0 })) -- expect: bad_option	on_shutdown tries must be a whole number, 1 or more
print(refused(f, { priority = "high" })) -- expect: bad_option	on_shutdown priority must be a number
print((refused(f, { pause = -1 }))) -- expect: bad_option
