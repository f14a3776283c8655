-- seeds: 5
local akt = require "akt"
local A = akt.actor "a"
function A.on:get() return "first" end
function A.on:turn()
  akt.become{ get = function() return "second" end, crash = function() error("x") end }
end
local a = akt.spawn_opt({ restart = "permanent" }, A)
a:ask("turn")
print(a:ask("get"))      -- expect: second
a:send("crash")
print(a:ask("get"))      -- expect: first
-- expect-err: crashed in on.crash
