-- flags: --sim
-- seeds: 5
-- Nothing leaves that would lose something; akt.passivate says what.
local akt = require "akt"
local Child = akt.actor "child"
local S = akt.actor "s"
S.passivate = { after = 1 }
S.on["do"] = function(self, what)
  if what == "child" then self.child = akt.spawn(Child)
  elseif what == "timer" then self.timer = akt.after(50, "never")
  elseif what == "future" then self.future = akt.async(self.slow, "wait", 50)
  elseif what == "become" then akt.become { ["do"] = S.on["do"] }
  elseif what == "defer" then self.token = akt.defer()
  elseif what == "stash" then akt.stash()
  elseif what == "shutdown" then akt.on_shutdown(function() end) end
  return akt.passivate()
end
function S.on:slow(pid) self.slow = pid end
function S.on:never() end

local Slow = akt.actor "slow"
function Slow.on:wait(n) akt.sleep(n) end
local slow = akt.spawn(Slow)

local function try(what)
  local s = akt.spawn(S)
  s:send("slow", slow)
  local f = akt.async(s, "do", what)
  akt.sleep(20)
  local state = akt.info(s).state
  if what == "defer" or what == "stash" then
    print(what, state)
  else
    print(what, state, select(2, f:wait()))
  end
  akt.stop(s)
end
try "child" -- expect: child	idle	it has children
try "timer" -- expect: timer	idle	it has timers
try "future" -- expect: future	idle	it has futures
try "become" -- expect: become	idle	akt.become is in force
try "shutdown" -- expect: shutdown	idle	it has called akt.on_shutdown
try "defer" -- expect: defer	idle
try "stash" -- expect: stash	idle
try "nothing" -- expect: nothing	passivated
