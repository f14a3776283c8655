# A reload may define a kind that was not there before, and its actors run.
. tests/lua/reload/support/lib.sh
file k.1.lua <<'EOF'
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return "v1" end
return K
EOF
file k.2.lua <<'EOF'
local akt = require "akt"
local New = akt.actor "new"
function New.on:hi() return "hi" end
local K = akt.actor "k"
function K.on:get() return "v2", akt.spawn(New):ask("hi") end
return K
EOF
cp "$here/k.1.lua" "$here/k.lua"
file main.lua <<'EOF'
local akt = require "akt"
local change, show = require "change", require "show"
local k = akt.spawn(require "k")
change("k", 2)
show(akt.reload())
print(k:ask("get"))
EOF
run <<'EOF'
k	1 to 2	1	1	0	0
new	- to 1	0	0	0	0
  a new kind
module k
v2	hi
EOF
