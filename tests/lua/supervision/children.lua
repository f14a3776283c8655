-- seeds: 5
-- start_child, stop_child and children; the id is the registered name.
local akt = require "akt"

local W = akt.actor "w"
function W:init(...) self.args = { ... } end
function W.on:get() return table.unpack(self.args) end

local sup = akt.supervisor { { "a", W, args = { 1, 2 } } }
local b = akt.start_child(sup, { "b", W, args = { 3 }, restart = "permanent" })
print(akt.whereis("b") == b, b:ask("get"))    -- expect: true	3
print(akt.ask("a", "get"))                    -- expect: 1	2
local list = akt.children(sup)
print(#list, list[1] == akt.whereis("a"), list[2] == b) -- expect: 2	true	true
local _, err = akt.try(akt.start_child, sup, { "a", W })
print(err.code)                               -- expect: name_taken
local ref = akt.monitor(b)
print(akt.stop_child(sup, "b"))               -- expect: true
print(akt.receive { down = function(r, _, reason) return r == ref, reason end })
-- expect: true	shutdown
print(akt.stop_child(sup, "b"), akt.whereis("b"), #akt.children(sup))
-- expect: false	nil	1
-- a child of somebody else
print(akt.stop_child(sup, sup))               -- expect: false
