-- Captured tables keep identity, cycles and metatables.
local akt = require "akt"
local Point = {}
Point.__index = Point
function Point.new(x) return setmetatable({ x = x }, Point) end
function Point:double() return Point.new(self.x * 2) end
local loop = { name = "loop" }
loop.me, loop.list = loop, { loop }
local p = Point.new(21)
local K = akt.actor "k"
function K.on:get() return p:double().x, loop.me == loop, loop.list[1] == loop, getmetatable(p) == Point end
print(akt.spawn_opt({ isolate = true }, K):ask("get")) -- expect: 42	true	true	true
akt.spawn(function(to)
  to:send("got", p:double().x, loop.me == loop, loop.list[1] == loop, getmetatable(p) == Point)
end, akt.self())
akt.receive{ got = print } -- expect: 42	true	true	true
