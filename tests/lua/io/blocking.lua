-- A copy of the function runs on a thread pool; results and errors come back.
local akt = require "akt"
local factor = 3
local function times(x) return x * factor end
print(akt.blocking(function(a, b) return times(a), b, nil end, 14, "s")) -- expect: 42	s	nil
print(select("#", akt.blocking(function() end)))        -- expect: 0
local _, err = akt.try(akt.blocking, function() error("oops", 0) end)
print(err.code, err.message:match("oops"), err.reason)  -- expect: crash	oops	oops
_, err = akt.try(akt.blocking, function() error({ code = "mine" }) end)
print(err.code)                                         -- expect: crash
_, err = akt.try(akt.blocking, function() return print end)
print(err.code)                                         -- expect: bad_message
local f = io.tmpfile()
_, err = akt.try(akt.blocking, function() return f end)
print(err.code)                                         -- expect: bad_function
print(select(2, akt.try(akt.blocking, function() end, print)).code) -- expect: bad_message
print(akt.blocking(function() return string.rep("x", 3), type(io.open), _G ~= nil end)) -- expect: xxx	function	true
factor = 4
print(akt.blocking(times, 2), factor)                   -- expect: 8	4
