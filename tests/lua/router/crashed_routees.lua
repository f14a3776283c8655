-- What becomes of a routee that crashes is the router's directive; pid and
-- mailbox stay when it is restarted.
local akt = require "akt"
local W = akt.actor "worker"
function W:init(n) self.n = n end
function W.on:boom() self.n = -1; error "boom" end
function W.on:get() return self.n end

local function crash_one(spec)
  spec.strategy, spec.kind, spec.size, spec.args = "round_robin", W, 3, { 7 }
  local r = akt.router(spec)
  local one = r:routees()[1]
  akt.try(akt.ask, one, "boom")
  local _, err = akt.try(akt.ask, one, "get")
  akt.sleep(0.01) -- the router hears of an end by a message
  print(#r:routees(), one == r:routees()[1], akt.try(akt.ask, one, "get"))
end
crash_one {}                                         -- expect: 3	true	7
crash_one { routee = { on_error = { ["*"] = "resume" } } } -- expect: 3	true	-1
crash_one { routee = { restart = "temporary" } }
crash_one { supervise = { max = 0 } }
crash_one { routee = { on_error = { ["*"] = "stop" } } }
-- expect: 2	false	nil	noproc: tests/lua/router/crashed_routees.lua:16: ask: there is no such actor
-- expect: 2	false	nil	noproc: tests/lua/router/crashed_routees.lua:16: ask: there is no such actor
-- expect: 2	false	nil	noproc: tests/lua/router/crashed_routees.lua:16: ask: there is no such actor
-- expect-err: boom
-- flags: --sim
-- seeds: 5
