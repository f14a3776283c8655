-- flags: --sim --seed 5
-- A circle is found through handlers of reentrant actors and through tasks,
-- whoever closes it; an actor that only looks as if it waited is no part of one.
local akt = require "akt"
local function kind(name, reentrant)
  local K = akt.actor(name)
  K.reentrant = reentrant
  -- asks the next of the list, and so on round
  function K.on:round(list, i)
    if i > #list then return "end" end
    return akt.try(akt.ask, list[i], "round", list, i + 1)
  end
  function K.on:task(list, i)
    return akt.task(akt.try, akt.ask, list[i], "round", list, i + 1):wait()
  end
  return K
end
local Plain, All = kind("plain", false), kind("all", true)
local function code(first, tag, list)
  local start = akt.clock()
  local r, err = first:ask(tag, list, 1)
  return (r or err.code) .. (akt.clock() - start < 1 and "" or " late")
end
local function spawn(...)
  local pids = { ... }
  for i, K in ipairs(pids) do pids[i] = akt.spawn(K) end
  return pids
end
local p = spawn(Plain, All, All, Plain)
print(code(p[1], "round", { p[2], p[3], p[1] }))       -- expect: deadlock
print(code(p[1], "round", { p[4], p[2], p[1] }))       -- expect: deadlock
print(code(p[2], "round", { p[1], p[3], p[1] }))       -- expect: deadlock
print(code(p[2], "round", { p[1], p[3], p[2], p[4] }))  -- expect: end
print(code(p[1], "task", { p[2], p[3], p[1] }))        -- expect: deadlock
print(code(p[1], "task", { p[4], p[2] }))              -- expect: end
-- the one that closes it is in the middle: <a> waits for <b>, and <b> comes to
-- wait for <a> by way of a reentrant one that waited before
local Late = akt.actor "late"
Late.reentrant = true
function Late.on:go(other, s) akt.sleep(s) return other:ask("leaf") end
local Wait = akt.actor "wait"
function Wait.on:go(late, s) akt.sleep(s) return akt.try(akt.ask, late, "go", akt.self(), 0.01) end
function Wait.on:leaf() return "leaf" end
local late = akt.spawn(Late)
local r, err = akt.spawn(Wait):ask("go", late, 0.01)
print(r or err.code, err and err.reason.error.code)    -- expect: crash	deadlock
