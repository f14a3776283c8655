-- seeds: 5
-- A module may make one with a name, in all isolates the same.
local akt = require "akt"
local m = require "support.module"
for i = 1, 3 do
  akt.spawn_opt({ isolate = true }, function()
    assert(require("support.module").breaker == m.breaker)
  end)
end
print(select(2, akt.try(require, "support.unnamed")).code) -- expect: effect_at_load
