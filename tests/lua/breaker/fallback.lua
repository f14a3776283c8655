-- flags: --sim --seed 1
-- Instead of raising: gets the error and the arguments. It works on a copy of
-- what it has captured, in each call.
local akt = require "akt"

local prices = { apple = 3 }
local b = akt.breaker {
  calls = 1,
  fallback = function(err, what)
    prices[what] = (prices[what] or 0) + 1
    return err.code, prices[what]
  end,
}
print(pcall(b.call, b, function() error({}) end, "apple") == false) -- expect: true
print(b:call(error, "apple"))         -- expect: breaker_open	4
print(b:call(error, "apple"))         -- expect: breaker_open	4
akt.spawn_opt({ isolate = true }, function()
  print(b:call(error, "pear"))        -- expect: breaker_open	1
end)
akt.sleep(0.1)
-- an error in it is raised as it is
local c = akt.breaker { calls = 1, fallback = function() error("worse", 0) end }
pcall(c.call, c, error, "x")
print(pcall(c.call, c, error, "x"))        -- expect: false	worse
