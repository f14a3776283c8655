-- Every worker spins; and, with an argument, one is stuck in a C function until
-- that file is there.
local akt = require "akt"
local Spin = akt.actor "spin"
function Spin.on:go() while true do end end
for i = 1, 4 do akt.spawn_opt({ name = "spin" .. i, isolate = true }, Spin):send("go") end
local path = akt.args and akt.args[1] or ...
if path then
  local Stuck = akt.actor "stuck"
  function Stuck.on:go()
    package.cpath = os.getenv("AKT_TEST_CPATH") .. ";" .. package.cpath
    print("ready")
    require("aktmod").wait_for(path)
  end
  akt.spawn_opt({ name = "stuck", isolate = true }, Stuck):send("go")
else
  print("ready")
end
