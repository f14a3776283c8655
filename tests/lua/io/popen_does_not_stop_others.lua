-- flags: --workers 1
-- While one waits for a process others run.
local akt = require "akt"
local name = os.tmpname()
os.remove(name)
local K = akt.actor "k"
function K.on:go(name)
  local p = io.popen("while [ ! -e " .. name .. " ]; do sleep 0.02; done; echo done")
  return p:read(), (p:close())
end
local f = akt.async(akt.spawn(K), "go", name)
akt.sleep(0.05)
local h = io.open(name, "w")    -- it can only end if this runs meanwhile
h:close()
print(f:wait())                 -- expect: done	true
os.remove(name)
