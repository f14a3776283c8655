-- A coroutine that runs long, nested, inside pcall, is preempted and goes on
-- where it was; others run meanwhile.
local akt = require "akt"
local Busy = akt.actor "busy"
local function work(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end
  return s
end
function Busy.on:work(n)
  local f = coroutine.wrap(function()
    local g = coroutine.wrap(function()
      local ok, v = pcall(work, n)
      coroutine.yield(v)
      local ok2, v2 = xpcall(work, debug.traceback, n)
      return v2
    end)
    coroutine.yield(g() + g())
  end)
  return f()
end
local Echo = akt.actor "echo"
function Echo.on:same(x) return x end
local fs = {}
for i = 1, 4 do fs[i] = akt.async(akt.spawn(Busy), "work", 300000) end
local e = akt.spawn(Echo)
for i = 1, 100 do assert(e:ask("same", i) == i) end
local want = 2 * work(300000)
for i = 1, 4 do print(fs[i]:wait() == want) end
-- expect: true
-- expect: true
-- expect: true
-- expect: true
