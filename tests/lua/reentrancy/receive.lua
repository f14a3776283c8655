-- flags: --sim --seed 5
-- While one handler waits in a receive the messages are its own: none starts
-- another handler, and no other may receive.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A:init() self.log = {} end
function A.on:first()
  akt.receive { go = function() table.insert(self.log, "go") end }
end
function A.on:second(s)
  akt.sleep(s)
  local _, err = akt.try(akt.receive, { x = print }, 0.01)
  table.insert(self.log, err.code)
end
function A.on:note() table.insert(self.log, "note") end
function A.on:log() return table.concat(self.log, " ") end
local a = akt.spawn(A)
a:send("second", 0.005)
a:send("first")
a:send("note")
akt.sleep(0.02)
a:send("go")
print(a:ask("log"))                 -- expect: denied go note
