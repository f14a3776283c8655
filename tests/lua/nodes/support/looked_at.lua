-- A node that others look at: the actor "visits", and ACTORS more.
local akt = require "akt"

local Counter = akt.actor "counter"
function Counter:init(n) self.n = n or 0 end
function Counter.on:inc(k) self.n = self.n + k; return self.n end

akt.spawn_opt({ name = "visits" }, Counter, 5)
for _ = 1, tonumber(os.getenv "ACTORS" or 0) do akt.spawn(Counter) end
akt.register("main")
print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive { stop = function() end }
