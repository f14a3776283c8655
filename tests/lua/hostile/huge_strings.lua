-- Strings that cannot be made are errors.
local function no(f, ...)
  local ok, e = pcall(f, ...)
  e = type(e) == "table" and e.message or e
  if ok then e = #e end
  e = tostring(e):gsub(" to '[^']*'", "")
  print(ok, (tostring(e):gsub("^[^:]*:%d+: ", "")))
end
no(string.rep, "x", 1e10)
-- expect: false	resulting string too large
no(string.rep, "x", math.maxinteger)
-- expect: false	resulting string too large
no(string.rep, "xy", 1e9, "--")
-- expect: false	resulting string too large
no(string.format, "%99999d", 1)
-- expect: false	invalid conversion specification: '%99999d'
no(string.format, "%0999s", "x")
-- expect: false	invalid conversion specification: '%0999s'
no(table.concat, setmetatable({}, { __len = function() return 1e9 end }))
-- expect: false	invalid value (nil) at index 1 in table for 'concat'
no(table.unpack, {}, 1, 1e7)
-- expect: false	too many results to unpack
no(table.unpack, {}, math.mininteger, math.maxinteger)
-- expect: false	too many results to unpack
no(select, -1)
-- expect: false	bad argument #1 (index out of range)
no(string.byte, ("x"):rep(1e7), 1, -1)
-- expect: false	stack overflow (string slice too long)
no(string.char, 256)
-- expect: false	bad argument #1 (value out of range)
no(utf8.char, -1)
-- expect: false	bad argument #1 (value out of range)
no(table.insert, {}, 1e18, 1)
-- expect: false	bad argument #2 (position out of bounds)
no(table.move, {}, 1, math.maxinteger, 2)
-- expect: false	bad argument #4 (destination wrap around)
no(string.pack, "z" .. ("x"):rep(1e6), "")
-- expect: true	1000001
no(string.unpack, "s8", ("\255"):rep(8))
-- expect: false	bad argument #2 (data string too short)
print(select("#", table.unpack({}, 1, 1e5)))
-- expect: 100000
