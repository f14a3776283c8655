-- flags: --sim --seed 7
-- table.sort, string.gsub, for-iterators, metamethods in Lua and dofile's kin
-- may wait in what they call.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:less(a, b) return a < b end
function Echo.on:upper(s) return s:upper() end
local e = akt.spawn(Echo)
local t = { 5, 2, 8, 1, 9, 3 }
table.sort(t, function(a, b) return e:ask("less", a, b) end)
print(table.concat(t, " "))                                           -- expect: 1 2 3 5 8 9
print((("a b c"):gsub("%a", function(c) return e:ask("upper", c) end))) -- expect: A B C
local mt = {}
mt.__add = function(a, b) return e:ask("upper", "add") end
mt.__index = function(_, k) return e:ask("upper", k) end
mt.__call = function(_, x) return e:ask("upper", x) end
mt.__lt = function() return e:ask("less", 1, 2) end
mt.__concat = function() return e:ask("upper", "cat") end
mt.__eq = function() return e:ask("less", 1, 2) end
mt.__close = function() print(e:ask("upper", "close")) end
local o, p = setmetatable({}, mt), setmetatable({}, mt)
print(o + 1, o.key, o("call"), o < p, o .. "x", o == p)   -- expect: ADD	KEY	CALL	true	CAT	true
do local c <close> = o end                                -- expect: CLOSE
