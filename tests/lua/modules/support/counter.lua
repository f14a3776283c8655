local akt = require "akt"
local Counter = akt.actor "counter"
function Counter:init(n) self.n = n or 0 end
function Counter.on:inc() self.n = self.n + 1 end
function Counter.on:get() return self.n end
return { Counter = Counter, name = ... }
