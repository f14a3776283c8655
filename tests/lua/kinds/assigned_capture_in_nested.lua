-- Nested functions count too; variables of the handler itself do not.
local akt = require "akt"
local n = 0
local function spawns(define)
  n = n + 1
  local K = akt.actor("k" .. n)
  define(K)
  local ok, err = akt.try(akt.spawn, K)
  return ok and "ok" or err.code
end
local x = 0
print(spawns(function(K) function K.on:a() return function() x = 1 end end end))  -- expect: bad_kind
print(spawns(function(K) function K:helper() x = 1 end end))                      -- expect: bad_kind
print(spawns(function(K) function K:init() x = 1 end end))                        -- expect: bad_kind
print(spawns(function(K)
  function K.on:a() local y = 0 return function() y = y + 1 return y end end
end))                                                                             -- expect: ok
print(spawns(function(K) function K.on:a() return x end end))                     -- expect: ok
