-- Unstashed messages come before newer ones, in order, and keep their sender
-- and their ask.
local akt = require "akt"
local A = akt.actor "a"
function A:init() self.ready = false end
function A.on:job(i)
  if not self.ready then akt.stash() return end
  io.write(i, " ")
  return akt.sender(), i
end
function A.on:go() self.ready = true; return akt.unstash_all() end
local a = akt.spawn(A)
local f = akt.async(a, "job", 1)
a:send("job", 2) a:send("job", 3)
local g = akt.async(a, "go")
a:send("job", 4)
print(g:wait())          -- expect: 1 2 3 4 3
local sender, i = f:wait()
a:ask("job", 5)
print(sender == akt.self(), i)  -- expect: 5 true	1
