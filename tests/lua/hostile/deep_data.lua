-- Functions that captured deep or huge data travel without recursion in C.
local akt = require "akt"
local me = akt.self()
local function try(t)
  local ok, e = pcall(akt.spawn, function()
    local n = 0
    while t[1] do t, n = t[1], n + 1 end
    akt.send(me, "depth", n)
  end)
  if not ok then return e.code end
  return akt.receive { depth = function(n) return n end }
end
local list = {}
for _ = 1, 3e5 do list = { list } end
print(try(list)) -- expect: 300000
local cycle = {}
cycle.me = cycle
print(try(cycle)) -- expect: 0
local f = function() end
for _ = 1, 1e5 do local g = f f = function() return g() end end
print((pcall(akt.spawn, f))) -- expect: true
print(try(coroutine.create(print))) -- expect: bad_function
print(try(io.stdout)) -- expect: 0
local K = akt.actor "k"
K.data = list
print((pcall(akt.spawn, K))) -- expect: true
print((pcall(akt.blocking, function() return list end))) -- expect: false
