-- Strings that cannot be made are errors.
-- skip-tsan
local function no(f, ...)
  local ok, e = pcall(f, ...)
  e = type(e) == "table" and e.message or e
  print(ok, (tostring(e):gsub("^[^:]*:%d+: ", "")))
end
no(string.rep, "x", 1e10) -- expect-any
no(string.rep, "x", math.maxinteger)
no(string.rep, "xy", 1e9, "--")
no(string.format, "%99999d", 1)
no(string.format, "%0999s", "x")
no(table.concat, setmetatable({}, { __len = function() return 1e9 end }))
no(table.unpack, {}, 1, 1e7)
no(table.unpack, {}, math.mininteger, math.maxinteger)
no(select, -1)
no(string.byte, ("x"):rep(1e7), 1, -1)
no(string.char, 256)
no(utf8.char, -1)
no(table.insert, {}, 1e18, 1)
no(table.move, {}, 1, math.maxinteger, 2)
no(string.pack, "z" .. ("x"):rep(1e6), "")
no(string.unpack, "s8", ("\255"):rep(8))
print(select("#", table.unpack({}, 1, 1e5)))
