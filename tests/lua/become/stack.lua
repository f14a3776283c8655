-- seeds: 5
local akt = require "akt"
local A = akt.actor "a"
local one = { get = function() return 1 end, up = function() akt.become({ get = function() return 2 end, down = function() akt.unbecome() end }, { stack = true }) end, base = function() akt.unbecome() end }
function A.on:get() return 0 end
function A.on:up() akt.become(one, { stack = true }) end
function A.on:down() akt.unbecome() end
local a = akt.spawn(A)
local t = { a:ask("get") }
a:ask("up") t[2] = a:ask("get")
a:ask("up") t[3] = a:ask("get")
a:ask("down") t[4] = a:ask("get")
a:ask("base") t[5] = a:ask("get")
a:ask("down") t[6] = a:ask("get")
print(table.concat(t, " "))  -- expect: 0 1 2 1 0 0
