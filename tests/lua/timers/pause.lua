-- flags: --sim --seed 5
local akt = require "akt"
local start = akt.clock()
local A = akt.actor "a"
function A:init()
  self.once = akt.after(10, "tick", "once")
  self.each = akt.every(10, "tick", "each")
end
function A.on:tick(what) print(what, akt.clock() - start) end
function A.on:pause(what, s)
  print(self[what]:pause(), self[what]:pause())
  if s then akt.sleep(s) end
end
function A.on:resume(what) print(self[what]:resume(), self[what]:resume()) end
function A.on:late()
  self.late = akt.after(1, "tick", "late")
  akt.sleep(5)
  print(self.late:pause())
end
local a = akt.spawn(A)

-- what was left stays left
akt.sleep(4)
a:ask("pause", "once")              -- expect: true	false
a:ask("pause", "each")              -- expect: true	false
akt.sleep(100)
a:ask("resume", "once")             -- expect: true	false
a:ask("resume", "each")             -- expect: true	false
akt.sleep(7)
-- expect: once	110.0
-- expect: each	110.0
a:ask("pause", "once")              -- expect: false	false

-- a tick that is in the mailbox when it is paused is not handled; one that
-- comes only once is not lost, it comes later
a:send("late")
akt.sleep(20)
-- expect: true
-- expect: each	120.0
-- expect: each	130.0
a:ask("resume", "late")             -- expect: true	false
akt.sleep(1)
-- expect: late	131.0
a:ask("pause", "each")              -- expect: true	false

-- paused for ever: nothing can happen, so the program ends
