-- flags: --sim --seed 7
-- With seconds: raises timeout when nothing that matches has come by then.
local akt = require "akt"
local start = akt.clock()
local function at() return math.floor((akt.clock() - start) * 10 + 0.5) / 10 end
print(select(2, akt.try(akt.receive, {}, 2)).code, at())   -- expect: timeout	2.0
akt.self():send("other")
print(select(2, akt.try(akt.receive, { x = print }, 1)).code, at()) -- expect: timeout	3.0
print(select(2, akt.try(akt.receive, { x = print }, 0)).code, at()) -- expect: timeout	3.0
print(akt.receive({ other = function() return 1 end }, 0)) -- expect: 1
akt.after(1, "x", 5)
print(akt.receive({ x = function(v) akt.sleep(3) return v end }, 2), at()) -- expect: 5	7.0
print(select(2, akt.try(akt.receive, 1)).code, at())  -- expect: timeout	8.0
