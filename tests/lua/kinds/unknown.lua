local akt = require "akt"
local K = akt.actor "k"
function K:unknown(tag, ...) return tag, select("#", ...), ... end
function K.on:get() return 1 end
local k = akt.spawn(K)
print(k:ask("what", 1, nil), k:ask("get"))   -- expect: what	1
print(k:ask("init", 1, nil))                 -- expect: init	2	1	nil
print(k:ask("unknown"))                      -- expect: unknown	0
