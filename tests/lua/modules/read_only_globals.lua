-- Globals are read-only; at run time too.
local akt = require "akt"
local function code(f, ...) local _, err = akt.try(f, ...) return err.code, err.message:match("%d: (.*)") end
print(code(function() _G.x = 1 end))         -- expect: read_only	globals are read-only: cannot assign 'x'; declare it local
print(code(function() local e = { _ENV } e[1].y = 1 end))
print(code(function() string.trim = 1 end))  -- expect: read_only	globals are read-only: cannot assign 'y'; declare it local
print(code(function() table.insert = nil end)) -- expect: read_only	string is read-only: cannot assign field 'trim'
print(code(function() akt.send = nil end))   -- expect: read_only	table is read-only: cannot assign field 'insert'
-- expect: read_only	akt is read-only: cannot assign field 'send'
print(x, _G.x)                               -- expect: nil	nil
print(getmetatable(""), getmetatable(_G), getmetatable(string)) -- expect: false	false	false
print(pcall(setmetatable, _G, {}))           -- expect: false	cannot change a protected metatable
print(load("z = 1"))
-- expect: nil	[string "z = 1"]:1: assigns the global 'z', but globals are read-only: declare it local
print(load("q = 6 return q", "=c", "t", { q = 5 })()) -- expect: 6
