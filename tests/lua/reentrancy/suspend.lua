-- flags: --sim --seed 1
-- A handler that waits goes on when its actor is reinstated, and until it has
-- ended nothing starts beside it that may not.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = { "boom" }
function A:init() self.log = {} end
function A.on:slow(s)
  self.log[#self.log + 1] = "in"
  akt.sleep(s)
  self.log[#self.log + 1] = "out"
  return "slow"
end
function A.on:boom() error "boom" end
function A.on:set() self.log[#self.log + 1] = "set" end
function A.on:get() return table.concat(self.log, " ") end
for _, s in ipairs { 4, 1.5 } do -- its time comes after, before the reinstate
  local a = akt.spawn_opt({ on_error = { ["*"] = "suspend" } }, A)
  local f = akt.async(a, "slow", s)
  akt.sleep(1)
  akt.try(akt.ask, a, "boom")
  print(akt.info(a).state)
  a:send("set")
  akt.sleep(1)
  akt.reinstate(a)
  print(f:wait())
  print(a:ask("get"))
end
-- expect: suspended
-- expect: slow
-- expect: in out set
-- expect: suspended
-- expect: slow
-- expect: in out set
-- expect-err: boom
-- expect-err: boom
