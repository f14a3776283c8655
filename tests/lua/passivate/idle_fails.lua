-- flags: --sim
-- seeds: 5
-- When idle fails it is reported and the actor stays as it is; it is tried
-- again after as long as the first time.
local akt = require "akt"
local tries = akt.spawn(function()
  local n = 0
  while true do akt.receive { add = function() n = n + 1 end, get = function() return n end } end
end)
local function kind(name, idle)
  local K = akt.actor(name)
  K.passivate = { after = 10 }
  function K:init() self.n = 0 end
  function K.on:add() self.n = self.n + 1; return self.n end
  K.idle = idle
  function K:wake() end
  return K
end
local Raises = kind("raises", function() tries:send("add"); error "no disk" end)
local Bad = kind("bad", function(self) return self, print end)
local Large = kind("large", function() return ("x"):rep(2 ^ 20 + 1) end)
local Slow = kind("slow", function() akt.sleep(100) end)
local Leaves = kind("leaves", function() akt.after(100, "add") end)
local Deaf = akt.actor "deaf"
Deaf.passivate = { after = 10 }
function Deaf:init() self.n = 0 end
function Deaf.on:add() self.n = self.n + 1; return self.n end
function Deaf:idle() return 1 end -- and no wake

local function check(K)
  local before = tries:ask("get")
  local a = akt.spawn(K)
  a:ask("add")
  akt.sleep(19)
  assert(akt.info(a).state == "idle")
  assert(a:ask("add") == 2) -- with its state
  print(K, tries:ask("get") - before, akt.stats().passivated)
  akt.sleep(11)
  akt.stop(a)
end
check(Raises) -- expect: kind raises	1	0
-- expect-err: crashed in idle
-- expect-err: no disk
-- expect-err: it stays as it is
-- expect-err: no disk
check(Bad) -- expect: kind bad	0	0
-- expect-err: what idle returns, value 2
check(Large) -- expect: kind large	0	0
-- expect-err: 1048576
check(Slow) -- expect: kind slow	0	0
-- expect-err: idle() has not ended after 5 s
check(Leaves) -- expect: kind leaves	0	0
-- expect-err: idle() has left something behind
check(Deaf) -- expect: kind deaf	0	0
-- expect-err: no wake
