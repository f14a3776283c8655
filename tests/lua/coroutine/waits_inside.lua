-- flags: --sim --seed 7
-- Inside coroutines, nested three deep, one can ask, sleep and receive; the
-- coroutines notice nothing of it.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(...) return ... end
local e = akt.spawn(Echo)
local function level(n, ...)
  if n == 0 then
    akt.sleep(1)
    local v = e:ask("same", ...)
    akt.self():send("m", v + 1)
    local y = coroutine.yield(akt.receive{ m = function(x) return x end })
    return e:ask("same", y)
  end
  local co = coroutine.create(level)
  local out = { coroutine.resume(co, n - 1, ...) }
  while coroutine.status(co) == "suspended" do
    out = { coroutine.resume(co, coroutine.yield(table.unpack(out, 2))) }
  end
  return table.unpack(out, 2)
end
local co = coroutine.create(level)
print(coroutine.resume(co, 3, 40))      -- expect: true	41
print(coroutine.status(co))             -- expect: suspended
print(coroutine.resume(co, "end"))      -- expect: true	end
print(coroutine.status(co))             -- expect: dead
print(coroutine.resume(co))             -- expect: false	cannot resume dead coroutine
