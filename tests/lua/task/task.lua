-- flags: --sim --seed 5
-- A task runs f with the actor's own state, when its handler waits or has
-- ended; results are given as they are, not copied.
local akt = require "akt"
local A = akt.actor "a"
function A:init() self.log = {} end
local function note(self, x) table.insert(self.log, x) end
function A.on:go()
  local shared = {}
  local f = akt.task(function(a, b)
    note(self, "task")
    akt.sleep(0.001)
    return shared, nil, a + b, print
  end, 3, 4)
  note(self, "handler")
  local t, none, sum, p = f:wait()
  note(self, "end")
  return t == shared, none, sum, p == print, select(2, akt.try(f.wait, f)).code
end
function A.on:later() akt.task(note, self, "later") note(self, "first") end
function A.on:log() return table.concat(self.log, " ") end
local a = akt.spawn(A)
print(a:ask("go"))                       -- expect: true	nil	7	true	gone
a:ask("later")
print(a:ask("log"))                      -- expect: handler task end first later
