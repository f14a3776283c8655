-- The library as in Lua.
local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) error("e" .. b, 0) end)
print(coroutine.status(co), coroutine.isyieldable(), coroutine.isyieldable(co)) -- expect: suspended	false	true
print(coroutine.resume(co, 1))          -- expect: true	2
print(coroutine.resume(co, "x"))        -- expect: false	ex
print(coroutine.status(co), coroutine.close(co)) -- expect: dead	false	ex
print(select(2, coroutine.running()))   -- expect: true
coroutine.wrap(function()
  local me, main = coroutine.running()
  print(main, coroutine.isyieldable(), coroutine.status(me))  -- expect: false	true	running
  print(coroutine.resume(me))           -- expect: false	cannot resume non-suspended coroutine
  coroutine.wrap(function() print(coroutine.status(me)) end)() -- expect: normal
  print(pcall(coroutine.close, me))     -- expect: false	cannot close a running coroutine
end)()
print(pcall(coroutine.yield))           -- expect: false	attempt to yield from outside a coroutine
print(pcall(coroutine.wrap(function() end), 1)) -- expect: true
local f = coroutine.wrap(function() return 1 end)
f()
print(pcall(f))                         -- expect: false	cannot resume dead coroutine
local closed = {}
co = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function() closed[1] = true end })
  coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co), closed[1], coroutine.status(co))  -- expect: true	true	dead
print(select(2, pcall(coroutine.resume, 1)):match("coroutine expected"))
-- expect: coroutine expected
