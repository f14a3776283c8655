local akt = require "akt"

local pid = akt.self()
local data = {
  "one", "two", [4] = "four", [1.5] = "f", [true] = 1, [false] = 0, [pid] = "me",
  name = "n", ["a key of more than fourteen bytes"] = "long", empty = {},
  deep = { { { x = 1 } } }, f = 2.5, neg = -7, big = math.maxinteger, small = math.mininteger,
}
print(akt.shared("d"))                       -- expect: nil
local d = akt.shared("d", data)
print(type(d), tostring(d):match("^<shared table"))  -- expect: userdata	<shared table
print(d[1], d[2], d[3], d[4], #d)            -- expect: one	two	nil	four	2
print(d[1.5], d[true], d[false], d[2.0], d[pid])     -- expect: f	1	0	two	me
print(d.name, d["a key of more than fourteen bytes"], d.nothing, d[{}], d[0/0])
-- expect: n	long	nil	nil	nil
print(d.deep[1][1].x, #d.empty, d.f, d.neg, d.big == math.maxinteger, d.small == math.mininteger)
-- expect: 1	0	2.5	-7	true	true
print(math.type(d.f), math.type(d.neg))      -- expect: float	integer
print(d == akt.shared("d"), d.deep == d.deep, d.deep == d.empty, d == 5) -- expect: true	true	false	false

-- in order: list part, then booleans, numbers, strings, pids
local keys = {}
for k in pairs(akt.shared("o", { 10, 20, b = 1, a = 2, [-3] = 3, [0.5] = 4, [true] = 5, aaaaaaaaaaaaaaaaaaaaaaaa = 6, [3.25] = 7 })) do
  keys[#keys + 1] = tostring(k)
end
print(table.concat(keys, " "))               -- expect: true -3 0.5 1 2 3.25 a aaaaaaaaaaaaaaaaaaaaaaaa b
local list = akt.shared("l", { "x", "y", "z" })
for i, v in ipairs(list) do io.write(i, v, " ") end print()   -- expect: 1x 2y 3z 
for k, v in pairs(list) do io.write(k, v, " ") end print()    -- expect: 1x 2y 3z 
print(table.unpack(list))                    -- expect: x	y	z
print(table.concat(list, ","))               -- expect: x,y,z

-- all entries of a large one are found, and no others
local large = {}
for i = 1, 20000 do large["key " .. i] = i; large[i * 3] = -i end
local view = akt.shared("large", large)
for k, v in pairs(large) do assert(view[k] == v, k) end
for i = 1, 20000 do assert(view["kez " .. i] == nil); assert(view[i * 3 + 1] == nil) end
local n = 0
for k, v in pairs(view) do n = n + 1; assert(large[k] == v) end
print(n)                                     -- expect: 40000

-- read only
print(select(2, akt.try(function() d.x = 1 end)).code)     -- expect: read_only
print(select(2, akt.try(function() d.deep[1] = 1 end)).code) -- expect: read_only
print(getmetatable(d))                       -- expect: false

-- a copy is a plain table
local copy = akt.shared_copy(d)
print(type(copy), copy.deep[1][1].x, copy[pid], copy[2]) -- expect: table	1	me	two
copy.deep[1] = "changed"
print(d.deep[1][1].x)                        -- expect: 1
print(select(2, akt.try(akt.shared_copy, {})).code) -- expect: bad_argument
