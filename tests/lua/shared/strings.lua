-- Up to 4,096 bytes they are Lua's, above they are handles.
local akt = require "akt"
local s = string.rep("0123456789", 1000) .. "end\0"
local d = akt.shared("s", { short = s:sub(1, 4096), long = s, empty = "" })
print(type(d.short), #d.short, d.short == s:sub(1, 4096), d.empty) -- expect: string	4096	true	
local t = d.long
print(type(t), #t, t:len(), tostring(t) == s)   -- expect: userdata	10004	10004	true
for _, r in ipairs { {1, 5}, {-4}, {-4, -2}, {0, 3}, {5, 2}, {10001, 99999}, {-99999, 2}, {20000}, {math.mininteger, math.maxinteger}, {math.maxinteger}, {3, math.mininteger} } do
  assert(t:sub(table.unpack(r)) == s:sub(table.unpack(r)), r[1])
end
print(t:byte(), t:byte(-2), t:byte(1, 3))       -- expect: 48	100	48	49	50
print(select("#", t:byte(99999)), t:byte(-1))   -- expect: 0	0
print((t:find("end")), (t:find("90", 51)), t:find("x"), t:find("", 10005)) -- expect: 10001	60	nil	10005	10004
print(t:find("9", -5))                          -- expect: 10000	10000
print(t:find("", 10006), t:find("0.", 1, true)) -- expect: nil	nil
print(t == d.long, t == akt.shared("same", s), t == d) -- expect: true	true	false
print(akt.shared("same"):sub(1, 3))             -- expect: 012
print(akt.shared("small", "abc"):find("c"))     -- expect: 3	3
print(akt.shared_copy(d).long == s)             -- expect: true
print(akt.shared_copy(t) == s)                  -- expect: true
print(akt.try(t.sub, 5, 1) == nil, akt.try(t.sub, d, 1) == nil) -- expect: true	true
print(akt.try(t.find, t, "x", 1, false) == nil) -- expect: true
print(akt.try(t.byte, t, 1, 5000) == nil)       -- expect: true
print(select(2, akt.try(function() t.x = 1 end)).code) -- expect: read_only
