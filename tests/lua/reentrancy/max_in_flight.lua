-- flags: --sim --seed 5
-- No more handlers than `max` are in progress; the other messages wait. The
-- default is 1000.
local akt = require "akt"
local function kind(name, reentrant)
  local K = akt.actor(name)
  K.reentrant = reentrant
  function K:init() self.live, self.most = 0, 0 end
  function K.on:x()
    self.live = self.live + 1
    self.most = math.max(self.most, self.live)
    akt.sleep(0.01)
    self.live = self.live - 1
  end
  function K.on:most() return self.most end
  return K
end
local function run(K, n)
  local a = akt.spawn(K)
  for _ = 1, n do a:send("x") end
  return a:ask("most")
end
print(run(kind("few", { max = 3 }), 10))          -- expect: 3
print(run(kind("listed", { "x", max = 4 }), 10))  -- expect: 4
print(run(kind("default", true), 2500))           -- expect: 1000
