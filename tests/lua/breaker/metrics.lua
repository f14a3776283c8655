-- flags: --sim --seed 1
-- Those with a name are among the figures of the node.
local akt = require "akt"
local b = akt.breaker { name = "db", calls = 1, open = 1 }
pcall(b.call, b, error, "x")
pcall(b.call, b, error, "x")
pcall(b.call, b, error, "x")
for line in akt.metrics.text():gmatch("breaker_[^\n]+") do
  if line:find("{", 1, true) then print(line) end
end
-- expect: breaker_opened_total{breaker="db"} 1
-- expect: breaker_rejected_total{breaker="db"} 2
-- expect: breaker_state{breaker="db"} 2
