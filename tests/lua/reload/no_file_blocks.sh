# What takes a module's place and is no file does not block a reload.
. tests/lua/reload/support/lib.sh
file k.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return 1 end
return K
END
file main.lua <<'END'
local akt = require "akt"
local show = require "show"
local K = require "k"
local k = akt.spawn(K)
local here = debug.getinfo(1, "S").source:match("^@(.*)/")
os.remove(here .. "/k.lua")
os.execute("mkfifo " .. here .. "/k.lua")
print(select(2, akt.reload()).message:match("module 'k' not found"))
print(k:ask("get"))
END
run <<'END'
module 'k' not found
1
END
