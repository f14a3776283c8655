-- A label with too many values comes to an end, and what is there goes on.
local akt = require "akt"
local n = 0
local ok, err = akt.try(function()
  for i = 1, 5000 do
    akt.metrics.counter("users", { id = i }):add(1)
    n = i
  end
end)
print(n, ok, err.code)               -- expect: 4096	nil	limit
akt.metrics.counter("users", { id = 7 }):add(1)
print(akt.metrics.text():match('users_total{id="7"} %d+'))
-- expect: users_total{id="7"} 2
