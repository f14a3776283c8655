-- flags: --sim
-- Other processes are outside of the world: refused, with an error that says so.
local akt = require "akt"
local function code(f, ...)
  local _, err = akt.try(f, ...)
  return err.code, err.message
end
print(code(io.popen, "true")) -- expect: not_simulated	tests/lua/sim/no_processes.lua:5: io.popen: another process is not part of the simulated world; replace it by an actor in tests
print(code(os.execute, "true")) -- expect: not_simulated	tests/lua/sim/no_processes.lua:5: os.execute: another process is not part of the simulated world; replace it by an actor in tests
print(os.execute())                             -- expect: false
-- seeds: 5
