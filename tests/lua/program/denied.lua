-- `/` belongs to the machine.
local akt = require "akt"
local user = akt.parent()
local root = akt.info(user).parent
print(user, root) -- expect: </user>	</>
for _, f in ipairs { akt.stop, akt.kill, akt.restart } do
  local _, err = akt.try(f, root)
  print(err.code)
end
-- expect: denied
-- expect: denied
-- expect: denied
