-- Stopping a router stops its routees; given ones are not its children and go
-- on. A router that is restarted makes its routees anew,
-- as many as it was made with.
local akt = require "akt"
local W = akt.actor "worker"
function W.on:work() return "done" end
local r = akt.router { strategy = "random", kind = W, size = 3 }
local list = r:routees()
print(#akt.children(r))                       -- expect: 3
local ref = akt.monitor(r)
akt.stop(r)
akt.receive { down = function() end }
for _, pid in ipairs(list) do io.write(tostring(akt.alive(pid)), " ") end
print()                                       -- expect: false false false 
print(r:send("work"))                         -- expect: nil	noproc
print(akt.try(r.routees, r))
-- expect: nil	bad_argument: tests/lua/router/ends.lua:16: routees: this is no router

local one = akt.spawn(W)
r = akt.router { strategy = "random", routees = { one } }
ref = akt.monitor(r)
akt.stop(r)
akt.receive { down = function() end }
print(one:ask("work"))                        -- expect: done

r = akt.router { strategy = "random", kind = W, size = 2, restart = "permanent" }
r:resize(3)
list = r:routees()
akt.monitor(r, { restarts = true })
akt.restart(r)
akt.receive { restarted = function() end }
print(r:ask("work"))                          -- expect: done
print(#r:routees(), akt.alive(list[1]))       -- expect: 2	false
-- seeds: 5
