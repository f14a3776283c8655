-- A coroutine that waits for the scheduler belongs to it: neither its own
-- actor nor another one can resume or close it.
local akt = require "akt"
akt.register("main")
local p = akt.spawn(function()
  local co = coroutine.running()
  local child = coroutine.create(function()
    package.loaded.nested = coroutine.running()
    akt.sleep(0.1)
    return "slept"
  end)
  package.loaded.outer = co
  assert(select(2, coroutine.resume(child)) == "slept")
  akt.send("main", "slept")
end)

-- two that share an isolate
local Holder = akt.actor "holder"
function Holder.on:hold()
  package.loaded.driver = coroutine.running()
  package.loaded.nest = coroutine.create(function() akt.sleep(0.05) return 7 end)
  local ok, v = coroutine.resume(package.loaded.nest)
  return v, coroutine.status(package.loaded.nest)
end
function Holder.on:poke()
  local out = {}
  for _, name in ipairs { "driver", "nest" } do
    local co = package.loaded[name]
    if co then
      out[#out + 1] = coroutine.status(co)
      out[#out + 1] = tostring(coroutine.resume(co))
      out[#out + 1] = tostring(pcall(coroutine.close, co))
      out[#out + 1] = tostring(pcall(coroutine.wrap(function()
        coroutine.resume(co)
      end)))
      debug.traceback(co)
      debug.getinfo(co, 0)
    end
  end
  return table.concat(out, " ")
end
local holders = {}
for i = 1, 200 do holders[i] = akt.spawn(Holder) end
local futures = {}
for i = 1, 200 do futures[i] = akt.async(holders[i], "hold") end
for i = 1, 200 do
  local s = akt.ask(holders[(i * 7) % 200 + 1], "poke")
  assert(not s:find "suspended", s)
end
for i = 1, 200 do
  local v, s = futures[i]:wait()
  assert(v == 7, v)
end
-- its own
local me = coroutine.running()
print(coroutine.resume(me)) -- expect: false	cannot resume non-suspended coroutine
print(pcall(coroutine.close, me))
-- expect: false	cannot close a running coroutine
local co
co = coroutine.create(function()
  print(pcall(coroutine.close, co))
  -- expect: false	cannot close a running coroutine
  print(pcall(coroutine.close, me))
  -- expect: false	cannot close a normal coroutine
  print(coroutine.resume(me))
  -- expect: false	cannot resume non-suspended coroutine
end)
coroutine.resume(co)
akt.receive({ slept = function() print("slept") end }, 5) -- expect: slept
