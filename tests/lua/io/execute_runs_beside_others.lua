-- flags: --workers 1
local akt = require "akt"
local name = os.tmpname()
os.remove(name)
local K = akt.actor "k"
function K.on:go(name) return os.execute("while [ ! -e " .. name .. " ]; do sleep 0.02; done") end
local f = akt.async(akt.spawn(K), "go", name)
akt.sleep(0.05)
io.open(name, "w"):close()
print(f:wait())                 -- expect: true	exit	0
os.remove(name)
