-- flags: --sim --seed 5
-- A circle through a reentrant actor is one only if what it closes cannot be
-- handled there; then it is found at once, whoever closes it.
local akt = require "akt"
local function kind(name, reentrant)
  local K = akt.actor(name)
  K.reentrant = reentrant
  function K.on:go(other) return other:ask("back", akt.self()) end
  function K.on:back(other) return akt.try(akt.ask, other, "leaf") end
  function K.on:leaf() return "leaf" end
  return K
end
local Plain, All = kind("plain", false), kind("all", true)
local Leaf, Back = kind("leaf", { "leaf" }), kind("back", { "back" })
local function run(A, B)
  local r, err = akt.spawn(A):ask("go", akt.spawn(B))
  return r or err.code
end
print(run(Plain, Plain))            -- expect: deadlock
print(run(Plain, All))              -- expect: deadlock
print(run(Plain, Leaf))             -- expect: deadlock
print(run(All, Plain))              -- expect: leaf
print(run(All, All))                -- expect: leaf
print(run(Leaf, Plain))             -- expect: leaf
print(run(Leaf, Leaf))              -- expect: leaf
print(run(Back, Plain))             -- expect: deadlock
-- a task that asks is no wait of its actor
local T = akt.actor "t"
function T.on:go(other)
  akt.pipe_to(akt.self(), "got", akt.ask, other, "back", akt.self())
end
function T.on:got(r) self.got = r end
function T.on:leaf() return "leaf" end
function T.on:get() return self.got end
local t = akt.spawn(T)
t:send("go", akt.spawn(Plain))
local got
repeat akt.sleep(0.001) got = t:ask("get") until got
print(got)                          -- expect: leaf
