-- pids, refs and kinds print what they are.
local akt = require "akt"
local K = akt.actor "counter"
local k = akt.spawn(K)
local function shape(v) return (tostring(v):gsub("%d+", "N")) end
print(shape(k), shape(akt.self()), shape(akt.monitor(k)), tostring(K))
-- expect: <counter#N>	<main#N>	<ref#N>	kind counter
print(shape(akt.parent()), shape(akt.spawn(function() end)))  -- expect: </user>	<process#N>
print(1, 1.0, nil, true, "x\ty")     -- expect: 1	1.0	nil	true	x	y
print(akt.secret("pw"), tostring(akt.secret(1)), akt.secret("pw"):reveal()) -- expect: <secret>	<secret>	pw
print(pcall(print, setmetatable({}, { __tostring = function() return {} end })))
-- expect: false	'__tostring' must return a string
