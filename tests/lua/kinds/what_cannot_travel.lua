-- A captured value that cannot travel is refused; the error names it.
local akt = require "akt"
local file = io.stdout
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
print(akt.try(akt.spawn, print))
print(akt.try(akt.spawn, {}))
print(akt.try(akt.spawn, nil))
-- expect-any
