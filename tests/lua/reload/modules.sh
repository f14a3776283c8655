# A module that kinds depend on, by other modules too, is part of their
# version; kinds that do not use it stay as they are.
. tests/lua/reload/support/lib.sh
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local outer = require "outer"
local A, B, C = akt.actor "a", akt.actor "b", akt.actor "c"
function A.on:get() return outer.name() end
function B.on:get() return require("inner").name() end
function C.on:get() return "c" end
local a = akt.spawn_opt({ isolate = true }, A)
local b, c = akt.spawn(B), akt.spawn(C)
print(a:ask("get"), b:ask("get"), c:ask("get"))
change("inner", 2)
local here = debug.getinfo(1, "S").source:match("^@(.*)/")
show(akt.reload(here .. "/inner.lua"))
print(a:ask("get"), b:ask("get"), c:ask("get"))
END
echo 'local i = require "inner" return { name = function() return i.name() end }' > "$here/outer.lua"
echo 'return { name = function() return "one" end }' > "$here/inner.lua"
echo 'return { name = function() return "two" end }' > "$here/inner.2.lua"
run <<'END'
one	one	c
a	1 to 2	1	1	0	0
module inner
two	two	c
END
