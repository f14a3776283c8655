-- flags: --sim --seed 5
-- With a list of tags only those are handled beside a handler that waits; all
-- others stay in the mailbox, in order.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = { "ping" }
function A:init() self.log = {} end
function A.on:ping(n) table.insert(self.log, "p" .. n) end
function A.on:work(n)
  table.insert(self.log, "w" .. n)
  akt.sleep(0.005)
  table.insert(self.log, "e" .. n)
end
function A.on:note(n) table.insert(self.log, "n" .. n) end
function A.on:log() return table.concat(self.log, " ") end
local a = akt.spawn(A)
for i = 1, 3 do a:send("work", i) a:send("note", i) a:send("ping", i) end
print(a:ask("log")) -- expect: w1 p1 p2 p3 e1 n1 w2 e2 n2 w3 e3 n3
-- a prefix of a tag is another tag
a:send("work", 4) a:send("pingpong") a:send("pin")
print((a:ask("log"):gsub("^.* w4", "w4"))) -- expect: w4 e4
