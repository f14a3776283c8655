-- flags: --sim --seed 7
-- A forwarded ask waits for whom it was forwarded to.
local akt = require "akt"
local Front = akt.actor "front"
function Front:init(w) self.w = w end
function Front.on:get() akt.forward(self.w) end
local Worker = akt.actor "worker"
function Worker.on:get()
  local _, err = akt.try(akt.ask, akt.sender(), "x")
  return err.code
end
local Asker = akt.actor "asker"
function Asker.on:go(f) return f:ask("get") end
local start = akt.clock()
print(akt.spawn(Asker):ask("go", akt.spawn(Front, akt.spawn(Worker)))) -- expect: deadlock
print(akt.clock() - start < 1)  -- expect: true
