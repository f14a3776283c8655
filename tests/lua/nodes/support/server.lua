-- A node that others use.
local akt = require "akt"
print("listens on " .. akt.node().address)
io.stdout:flush()

local Echo = akt.actor "echo"
function Echo.on:echo(...) return ... end
function Echo.on:who() return akt.sender() end
function Echo.on:late(s) akt.sleep(s); return "late" end
function Echo.on:fail() error("no") end
function Echo.on:tell(to, ...) to:send(...) end
function Echo.on:pass(to) akt.forward(to) end
function Echo.on:later(s)
  local token = akt.defer()
  self.token = token
  akt.after(s, "answer")
end
function Echo.on:answer() self.token:reply("deferred") end
function Echo.on:left() return akt.trace_id() end

local Counter = akt.actor "counter"
function Counter:init(n)
  if n == "bad" then error("will not") end
  self.n = n or 0
end
function Counter.on:inc(k) self.n = self.n + (k or 1); return self.n end
function Counter.on:get() return self.n end
function Counter.on:stop_here() akt.stop() end
function Counter.on:crash() error("boom") end

akt.spawn_opt({ name = "echo" }, Echo)
akt.spawn_opt({ name = "sum" }, Counter)
akt.register("main")
akt.receive { stop = function() end }
akt.exit(0)
