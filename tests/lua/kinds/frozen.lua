-- Once an actor of it has been spawned a kind cannot be changed.
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return 1 end
K.version = 3
local k = akt.spawn(K)
local function code(f) local _, err = akt.try(f) return err.code, err.message:match("kind k cannot be changed.*") end
print(code(function() function K.on:more() end end))
print(code(function() function K:init() end end))
print(code(function() K.on.get = nil end))
-- expect: frozen	kind k cannot be changed: an actor of it has been spawned (field 'more')
-- expect: frozen	kind k cannot be changed: an actor of it has been spawned (field 'init')
-- expect: frozen	kind k cannot be changed: an actor of it has been spawned (field 'get')
print(K.version, type(K.on.get), tostring(K))  -- expect: 3	function	kind k
print(k:ask("get"))                            -- expect: 1
