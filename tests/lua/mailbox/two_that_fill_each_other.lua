-- flags: --sim --seed 7
-- Two that send to each other faster than they read do not block each other:
-- one whose own mailbox is full overfills up to twice, then `overloaded`.
local akt = require "akt"
local P = akt.actor "p"
P.mailbox = { max = 10 }
function P:init() self.got = 0 end
function P.on:start(other)
  local code
  for i = 1, 100 do
    local ok, err = akt.try(akt.send, other, "x", i)
    if not ok then code = err.code break end
  end
  self.code = code
end
function P.on:x() self.got = self.got + 1 end
function P.on:result() return self.code, self.got end
local a, b = akt.spawn(P), akt.spawn(P)
local start = akt.clock()
local f, g = akt.async(a, "start", b), akt.async(b, "start", a)
akt.all(f, g)
local code, got = akt.within(60, akt.ask, a, "result")
print(code == nil or code == "overloaded", got > 0)   -- expect: true	true
code, got = akt.within(60, akt.ask, b, "result")
print(code == nil or code == "overloaded", got > 0)   -- expect: true	true
print(akt.clock() - start < 60)                       -- expect: true
