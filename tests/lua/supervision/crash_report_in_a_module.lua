-- The place of an error in a module is the module's line.
local akt = require "akt"
local broken = require "support.broken"

local W = akt.actor "w"
function W.on:go() local x = broken.fail({}) return x end
local w = akt.spawn(W)
print(akt.try(akt.ask, w, "go") == nil) -- expect: true
-- expect-err: error[crash]: <w#5> crashed in on.go
-- expect-err:   --> tests/lua/supervision/support/broken.lua:3: attempt to index a nil value (field 'a')
-- expect-err:       return t.a.b
-- expect-err:   stack    tests/lua/supervision/support/broken.lua:3 in 
-- expect-err:   <-  tests/lua/supervision/crash_report_in_a_module.lua:6 in on.go
-- expect-err:   restart  none: it is temporary
-- seeds: 5
