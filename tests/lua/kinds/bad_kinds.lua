local akt = require "akt"
local n = 0
local function bad(define)
  n = n + 1
  local K = akt.actor("k" .. n)
  define(K)
  local _, err = akt.try(akt.spawn, K)
  print(err and err.code, err and (err.message:gsub("^%S+:%d+: ", "")))
end
bad(function(K) K.init = 1 end)             -- expect: bad_kind	init must be a function, not a number
bad(function(K) K.on = 1 end)               -- expect: bad_kind	kind "k2": 'on' must be a table
bad(function(K) K.on.x = 1 end)             -- expect: bad_kind	kind "k3": on.x must be a function, not a number
bad(function(K) K.supervise = { max = "x" } end) -- expect: bad_option	max must be a number, 0 or more, not x
bad(function(K) K.supervise = { strategy = "none" } end)
-- expect: bad_option	strategy must be one of "one_for_one", "one_for_all", "rest_for_one", not "none"
