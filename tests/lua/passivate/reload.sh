# A passivated actor wakes in the newest version: what idle of the old one
# returned goes to wake of the new one. It is not waited for by the reload.
set -e
cd "$AKT_TEST_TMP"
write() {
  cat > app.lua <<END
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = 0.01 }
K.version = $1
function K:init(name) self.name = name end
function K.on:add() self.n = (self.n or 0) + 1; return self.n end
function K.on:get() return "version $1", self.name, self.n end
function K:idle() return self.n end
function K:wake(n) self.n = $2 end
function K:upgrade() error "not for one that is away" end
local k = akt.spawn(K, "bob")
k:ask "add"
while akt.info(k).state ~= "passivated" do akt.sleep(0.005) end
local f = assert(io.open("app.lua")); local text = f:read "a"; f:close()
text = text:gsub('version 1', 'version 2'):gsub('version = 1', 'version = 2')
text = text:gsub('self.n = n end', 'self.n = n * 100 end')
f = assert(io.open("app.lua", "w")); f:write(text); f:close()
local report, err = akt.reload()
assert(report, err and err.message)
print(akt.info(k).state)
print(k:ask "get")
END
}
write 1 n
out=$("$AKTVM" app.lua)
[ "$out" = "passivated
version 2	bob	100" ] || { echo "got: $out"; exit 1; }
