-- A captured value that cannot travel is refused; the error names it.
local akt = require "akt"
local other = io.tmpfile()
local co = coroutine.create(print)
local function bad(name, f)
  local K = akt.actor(name)
  K.on.x = f
  local _, err = akt.try(akt.spawn, K)
  print(err and err.code, err and (err.message:gsub("^%S+:%d+: ", "")))
end
bad("k1", function() return other:read() end)
bad("k2", function() return co end)
local deep = { a = { b = other } }
bad("k3", function() return deep end)
local _, err = akt.try(akt.spawn, function() return other end)
print(err.code, (err.message:gsub("^%S+:%d+: ", "")))
-- expect: bad_kind	kind "k1": upvalue 'other' of function at tests/lua/kinds/what_cannot_travel.lua:11 holds a userdata (FILE*), which cannot travel to another isolate
-- expect: bad_kind	kind "k2": upvalue 'co' of function at tests/lua/kinds/what_cannot_travel.lua:12 holds a coroutine, which cannot travel to another isolate
-- expect: bad_kind	kind "k3": field 'b' of field 'a' of upvalue 'deep' of function at tests/lua/kinds/what_cannot_travel.lua:14 holds a userdata (FILE*), which cannot travel to another isolate
-- expect: bad_function	spawn: upvalue 'other' of function at tests/lua/kinds/what_cannot_travel.lua:15 holds a userdata (FILE*), which cannot travel to another isolate
for _, what in ipairs{ print, {}, 1, "x" } do
  print(select(2, akt.try(akt.spawn, what)).message:match("a kind or a function expected, got [^)]*"))
end
-- expect: a kind or a function expected, got a C function
-- expect: a kind or a function expected, got table
-- expect: a kind or a function expected, got number
-- expect: a kind or a function expected, got string
