-- Coroutines nest as deep as Lua allows, and then there is an error, no crash.
local function nest(n)
  local co = coroutine.create(nest)
  local ok, err = coroutine.resume(co, n + 1)
  if not ok then return n, err end
  return err, select(3, coroutine.resume(co))
end
local n = nest(1)
print(n > 100, n < 200)    -- expect: true	true
local co = coroutine.wrap(function() local function f() return 1 + f() end return f() end)
print(pcall(co) == false)  -- expect: true
