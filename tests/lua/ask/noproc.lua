-- Nobody there: raised at once.
-- flags: --sim --seed 7
local akt = require "akt"
local pid, ref = akt.spawn_monitor(function() end)
akt.receive{ down = function() end }
local start = akt.clock()
local _, err = akt.try(akt.ask, pid, "get")
print(err.code, err.pid == pid)         -- expect: noproc	true
_, err = akt.try(akt.ask, "nobody", "get")
print(err.code, err.pid)                -- expect: noproc	nil
_, err = akt.try(function() return pid:ask("get") end)
print(err.code, akt.clock() - start < 1) -- expect: noproc	true
