-- An init that loops or waits for ever is ended after its 5 s; in the
-- simulated world that takes no time.
-- flags: --sim --seed 5
local akt = require "akt"
local Wait = akt.actor "wait"
function Wait:init() akt.sleep(1e6) end
local Loop = akt.actor "loop"
function Loop:init() while true do end end
local t = akt.clock()
print(select(2, pcall(akt.spawn, Wait)).code) -- expect: init_failed
print(select(2, pcall(akt.spawn, Loop)).code) -- expect: init_failed
local took = akt.clock() - t
print(took > 9 and took < 13) -- expect: true
