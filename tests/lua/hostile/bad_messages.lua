-- What cannot travel is refused where it is sent, with the path to it.
local akt = require "akt"
local K = akt.actor "k"
function K.on:x() end
local p = akt.spawn(K)
local function no(...)
  local ok, e = pcall(akt.send, p, "x", ...)
  print(ok, type(e) == "table" and e.code or e)
end
local cycle = {}
cycle[1] = cycle
local deep = {}
for _ = 1, 100 do deep = { deep } end
no(print) -- expect: false	bad_message
no({ a = { b = { function() end } } }) -- expect: false	bad_message
no(cycle) -- expect: false	bad_message
no(deep) -- expect: false	bad_message
no(("x"):rep(100 * 2 ^ 20 // 1)) -- expect: false	too_large
no(io.stdout) -- expect: false	bad_message
no(coroutine.create(print)) -- expect: false	bad_message
no({ [{}] = 1 }) -- expect: true	true
no({ [1.5] = 1, [0] = 2, [math.huge] = 3, [true] = 4 }) -- expect: true	true
no(0 / 0, math.huge, math.mininteger, "\0\255") -- expect: true	true
no(setmetatable({}, { __index = error, __len = error, __pairs = error }))
-- expect: true	true
local many = {}
for i = 1, 200 do many[i] = i end
no(table.unpack(many)) -- expect: true	true
print(pcall(akt.send, p, 42) == false) -- expect: true
print(akt.send("nobody", "x")) -- expect: nil	noproc
local dead = akt.spawn(function() end)
akt.sleep(0.05)
print(dead:send("x")) -- expect: nil	noproc
print(select(2, pcall(akt.ask, dead, "x")).code) -- expect: noproc
print(select(2, pcall(akt.ask, "nobody", "x")).code) -- expect: noproc
-- values of many kinds come back as they were
local E = akt.actor "e"
function E.on:echo(...) return ... end
local e = akt.spawn(E)
local nan = e:ask("echo", 0 / 0)
assert(nan ~= nan)
assert(select("#", e:ask("echo", nil, nil)) == 2)
