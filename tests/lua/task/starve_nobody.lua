-- seeds: 5
-- Tasks that start tasks for ever leave the messages their turn, and messages
-- that come for ever leave the tasks theirs.
local akt = require "akt"
local A = akt.actor "a"
local function forever() akt.task(forever) end
function A:init() akt.task(forever) end
function A.on:hi() return "hi" end
local a = akt.spawn(A)
print(a:ask("hi"))                       -- expect: hi
akt.kill(a)
local B = akt.actor "b"
function B:init() self.n = 0 end
function B.on:again()
  self.n = self.n + 1
  akt.task(function() self.done = (self.done or 0) + 1 end)
  akt.self():send("again")
end
function B.on:get() return self.n, self.done end
local b = akt.spawn(B)
b:send("again")
local n, done
repeat n, done = b:ask("get") until n > 100
print(done > 50)                         -- expect: true
akt.exit(0)
