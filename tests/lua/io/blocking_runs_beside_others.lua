-- flags: --workers 1
local akt = require "akt"
local name = os.tmpname()
os.remove(name)
local K = akt.actor "k"
function K.on:go(name)
  return akt.blocking(function(name)
    while true do
      local f = io.open(name)
      if f then f:close() return "seen" end
    end
  end, name)
end
local f = akt.async(akt.spawn(K), "go", name)
akt.sleep(0.05)
io.open(name, "w"):close()
print(f:wait())        -- expect: seen
os.remove(name)
