-- Functions that captured deep or huge data: an error at the spawn, no crash.
-- skip-tsan
local akt = require "akt"
local function try(t)
  local ok, e = pcall(akt.spawn, function() return t end)
  return ok or e.code
end
local list = {}
for _ = 1, 1e6 do list = { list } end
print(try(list)) -- expect: bad_function
local cycle = {}
cycle.me = cycle
print(try(cycle)) -- expect: true
local f = function() end
for _ = 1, 1e5 do local g = f f = function() return g() end end
print(pcall(akt.spawn, f)) -- expect: x
local co = coroutine.create(print)
print(try(co)) -- expect: bad_function
print(try(io.stdout)) -- expect: bad_function
local K = akt.actor "k"
K.data = list
print(pcall(akt.spawn, K)) -- expect: x
print((pcall(akt.blocking, function() return list end))) -- expect: false
