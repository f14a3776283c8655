-- Values that only look like the machine's own are refused.
local akt = require "akt"
local function no(what, f, ...)
  local ok = pcall(f, ...)
  if ok then print("accepted: " .. what) end
end
local Kind = akt.actor "kind"
local fake = setmetatable({ on = {} }, { [1] = akt.self(), __name = "kind" })
no("fake kind", akt.spawn, fake)
no("fake kind in a list", akt.supervisor, { { "x", fake } })
pcall(tostring, fake)
local mt = getmetatable(Kind)
if mt then
  no("the kind's box", akt.spawn, mt[1])
  mt[1] = nil
  no("no kind any more", akt.spawn, Kind)
end
assert(getmetatable(akt.self()) == false)
assert(getmetatable(io.stdout) == false)
assert(getmetatable("") == false)
no("pid metatable", setmetatable, akt.self(), {})
no("string method", function() string.rep = nil end)
no("akt", function() akt.send = nil end)
no("gc", setmetatable, {}, { __gc = print })
local late = setmetatable({}, {})
getmetatable(late).__gc = print -- is ignored
late = nil

-- the functions of the machine are not handed out
for level = 0, 20 do
  local i = debug.getinfo(level, "f")
  local f = i and i.func
  assert(f == nil or debug.getinfo(f, "S").what ~= "C", level)
end
no("getinfo", debug.getinfo)
no("getinfo", debug.getinfo, {})
no("getinfo options", debug.getinfo, 1, ">")
no("getinfo options", debug.getinfo, print, "?")
assert(debug.getinfo(1, "l").currentline > 0 and debug.getinfo(print).what == "C")
assert(debug.getinfo(1e9) == nil and debug.getinfo(-1) == nil)
assert(debug.getinfo(math.maxinteger) == nil)
assert(#debug.traceback("x", 1e9) > 0 and debug.traceback({}))
local co = coroutine.create(function() coroutine.yield() end)
coroutine.resume(co)
assert(debug.getinfo(co, 1, "l").currentline)
assert(type(debug.traceback(co)) == "string")
assert(not debug.sethook and not debug.getupvalue and not debug.getregistry)
