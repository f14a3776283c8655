-- flags: --sim --seed 5
-- What is unstashed while a handler waits stands in front of messages that have
-- been looked at, and may start at once if it is listed.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = { "ping", "go" }
function A:init() self.log = {} end
function A.on:ping(n)
  if not self.open then return akt.stash() end
  table.insert(self.log, "p" .. n)
end
function A.on:work() table.insert(self.log, "w") akt.sleep(0.01) table.insert(self.log, "e") end
function A.on:other() table.insert(self.log, "o") end
function A.on:go() self.open = true akt.unstash_all() end
function A.on:log() return table.concat(self.log, " ") end
local a = akt.spawn(A)
a:send("ping", 1)
a:send("work")
a:send("other")
a:send("ping", 2)
akt.sleep(0.001)
a:send("go")
print(a:ask("log"))                 -- expect: w p1 p2 e o
