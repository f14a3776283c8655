-- try passes values through, gives error tables as they are, and makes a
-- table of any other error.
local akt = require "akt"
print(akt.try(function(...) return ... end, 1, nil, 3, nil)) -- expect: 1	nil	3	nil
print(select("#", akt.try(function() end)))                  -- expect: 1
local t = { code = "mine", extra = 1 }
print(select(2, akt.try(error, t)) == t)                     -- expect: true
local v, err = akt.try(function() error("text") end)
print(v, err.code, err.message:match("text$"), type(err.traceback))
-- expect: nil	error	text	string
print(err.traceback:find("try.lua:8", 1, true) ~= nil)       -- expect: true
v, err = akt.try(error)
print(v, err.code, err.message)    -- expect: nil	error	error(nil)
v, err = akt.try(error, 42)
print(v, err.code, err.message)    -- expect: nil	error	42
v, err = akt.try(error, setmetatable({}, { __tostring = function() return "me" end }))
print(v, tostring(err))            -- expect: nil	me
v, err = akt.try(akt.try, 1)
print(v, err.code)                 -- expect: nil	error
v, err = akt.try()
print(v, err.code)                 -- expect: nil	error
