-- Recursion without an end is an error of the one that recurses.
local akt = require "akt"
local function why(f)
  local ok, e = pcall(f)
  e = type(e) == "table" and e.message or tostring(e)
  return ok, (e:match("stack overflow") or e:match("C stack overflow") or
              e:match("too many") or e:match("error in error") or
              e:match("not enough memory") or e)
end
local function r() return 1 + r() end
print(why(r)) -- expect: false	stack overflow
local function p() local ok, e = pcall(p) if not ok then error(e, 0) end end
print(why(p)) -- expect: false	stack overflow
local function co()
  local ok, e = coroutine.resume(coroutine.create(co))
  if not ok then error(e, 0) end
end
print(why(co)) -- expect: false	stack overflow
local function wrap() coroutine.wrap(wrap)() end
print((why(wrap))) -- expect: false
local t = setmetatable({}, { __tostring = function(s) return tostring(s) end })
print(why(function() tostring(t) end)) -- expect: false	stack overflow
print(why(function() string.format("%s", t) end)) -- expect: false	stack overflow
local i = {}
setmetatable(i, { __index = function(s, k) return s[k .. "x"] end })
print((why(function() return i.a end))) -- expect: false
local loop = setmetatable({}, {})
getmetatable(loop).__index = loop
print((why(function() return loop.x end))) -- expect: false
print(why(function()
  local function f() xpcall(error, f) end
  f()
end)) -- expect: true	nil
local function refused(text)
  local f, e = load(text)
  print(f, tostring(e):match("C stack overflow") or e)
end
refused(("("):rep(1e5) .. "1" .. (")"):rep(1e5))
-- expect: nil	C stack overflow
refused("return " .. ("{"):rep(1e5) .. ("}"):rep(1e5))
-- expect: nil	C stack overflow
refused(("do "):rep(1e5) .. ("end "):rep(1e5)) -- expect: nil	C stack overflow
local function closes(n)
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function()
      if n > 0 then coroutine.close(closes(n - 1)) end
    end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  return co
end
print(coroutine.close(closes(1000))) -- expect: true
