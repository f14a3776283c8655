-- flags: --sim --seed 5
-- A task inherits no deadline; waiting for it has that of the handler.
local akt = require "akt"
local A = akt.actor "a"
function A.on:go()
  self.f = akt.task(function() akt.sleep(0.02) return "done" end)
  local _, err = akt.try(akt.within, 0.005, self.f.wait, self.f)
  return err.code
end
function A.on:get() return self.f:wait() end
local a = akt.spawn(A)
print(a:ask("go"))                       -- expect: timeout
print(a:ask("get"))                      -- expect: done
