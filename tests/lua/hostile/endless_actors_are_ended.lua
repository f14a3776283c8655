-- Endless loops in a handler, in a process, in an init: others answer, and
-- kill and stop end them.
local akt = require "akt"

local Loop = akt.actor "loop"
function Loop.on:go(to)
  if to then to:send("going") end
  while true do end
end
function Loop.on:ping() return "pong" end
local Init = akt.actor "init"
function Init:init(where)
  akt.send(where, "born", akt.self())
  while true do end
end
local Echo = akt.actor "echo"
function Echo.on:echo(x) return x end

-- the reason it ends with, when `by` ends it
local function ended(by, pid)
  local ref = akt.monitor(pid)
  by(pid)
  return akt.receive({ down = function(r, _, reason)
    assert(r == ref)
    return reason
  end }, 20)
end

local echo = akt.spawn(Echo)
local loops, victims = {}, {}
for i = 1, 4 do
  loops[i] = akt.spawn(Loop)
  loops[i]:send("go")
end
victims[1] = akt.spawn(function() while true do end end)
victims[2] = akt.spawn(function()
  while true do pcall(function() while true do end end) end
end)
victims[3] = akt.spawn(function()
  local function nest(n)
    local co = coroutine.wrap(function()
      if n == 0 then while true do end end
      nest(n - 1)
    end)
    co()
  end
  nest(3)
end)
victims[4] = akt.spawn(function() ::top:: goto top end)
victims[5] = akt.spawn(function()
  local s = ""
  while true do s = "x" .. #s end
end)
for i = 1, 20 do assert(echo:ask("echo", i) == i) end
print("others answer") -- expect: others answer
for i = 1, 4 do print(ended(akt.kill, loops[i])) end
-- expect: killed
-- expect: killed
-- expect: killed
-- expect: killed
for _, v in ipairs(victims) do assert(ended(akt.kill, v) == "killed") end

-- an init that never returns is ended by hand too
local me = akt.self()
local spawner = akt.spawn(function() akt.spawn(Init, me) end)
local born = akt.receive { born = function(pid) return pid end }
print(ended(function() akt.kill(born) end, spawner).code) -- expect: crash

-- stop gives the handler its time, then kills
local s = akt.spawn_opt({ shutdown = 0.1 }, Loop)
s:send("go", me)
akt.receive { going = function() end }
print(ended(s.stop, s)) -- expect: killed
