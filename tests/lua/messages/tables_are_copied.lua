-- seeds: 5
-- A table arrives as a copy, without its metatable.
local akt = require "akt"
local Keeper = akt.actor "keeper"
function Keeper.on:put(t) self.t = t; t.changed = true end
function Keeper.on:get() return self.t, getmetatable(self.t) end
local k = akt.spawn(Keeper)
local t = setmetatable({ 1, 2, nil, 4, deep = { x = { y = "z" } }, [2.5] = 1,
                         [true] = "yes" }, { __index = { a = 1 } })
k:send("put", t)
local copy, meta = k:ask("get")
print(t.changed, copy.changed, meta)   -- expect: nil	true	nil
print(copy[1], copy[2], copy[3], copy[4]) -- expect: 1	2	nil	4
print(copy.deep.x.y, copy[2.5], copy[true], copy.a) -- expect: z	1	yes	nil
