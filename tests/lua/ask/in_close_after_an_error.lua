-- seeds: 5
-- In __close after an error that ends the actor one cannot wait, but send;
-- after an error that is caught one can.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(x) return x end
function Echo.on:say(x) print(x) end
local e = akt.spawn(Echo)
local function closing(f) return setmetatable({}, { __close = f }) end
pcall(function()
  local c <close> = closing(function() print(e:ask("same", 1)) end) -- expect: 1
  error("x")
end)
local p, ref = akt.spawn_monitor(function(e)
  local c <close> = setmetatable({}, { __close = function()
    local _, err = akt.try(akt.ask, e, "same", 2)
    e:send("say", err.code)                      -- expect: cannot_wait
  end })
  error("y")
end, e)
akt.receive{ down = function() end }
e:ask("same", 1)
local co = coroutine.create(function()
  local c <close> = closing(function() print(select(2, akt.try(akt.ask, e, "same")).code) end)
  coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co))  -- expect: cannot_wait
-- expect: true
local f = coroutine.wrap(function() coroutine.yield(1) end)
print(f())                  -- expect: 1
-- expect-err: in_close_after_an_error.lua
