-- flags: --sim --seed 1 --crash-reports off
-- A name finds the same one everywhere; one without a name ends with the actor
-- that made it.
local akt = require "akt"

local a = akt.breaker { name = "db", calls = 1 }
print(akt.breaker { name = "db", calls = 1 } == a)        -- expect: true
print(akt.breaker { name = "db" } == a)                   -- expect: true
local _, err = akt.try(akt.breaker, { name = "db", calls = 2 })
print(err.code, err.message)
-- expect: name_taken	tests/lua/breaker/names_and_lives.lua:9: a breaker: "db" exists with other options

akt.spawn_opt({ isolate = true }, function()
  pcall(a.call, a, error, "x")
  print(akt.breaker { name = "db" }:state())              -- expect: open
end)
akt.sleep(0.1)

local Maker = akt.actor "maker"
function Maker:init() self.b = akt.breaker() end
function Maker.on:get() return self.b end
function Maker.on:crash() error("x") end
local m = akt.spawn_opt({ restart = "permanent" }, Maker)
local b = m:ask("get")
print(b:state())                                          -- expect: closed
m:send("crash")
print(m:ask("get") ~= b, m:ask("get"):state())            -- expect: true	closed
print(select(2, akt.try(b.state, b)).code)                -- expect: gone
akt.stop(m)
akt.sleep(1)
print(select(2, akt.try(b.call, b, print)).code)          -- expect: gone

-- its maker ends while a call is in progress: the call goes on
local main = akt.self()
akt.spawn(function() main:send("made", akt.breaker()); akt.sleep(5) end)
local made = akt.receive { made = function(x) return x end }
print(made:call(function() akt.sleep(10); return "done" end)) -- expect: done
