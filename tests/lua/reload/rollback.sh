# --rollback goes back one version, of a kind and of the modules it came with.
. tests/lua/reload/support/lib.sh
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local K = require "k"
local k = akt.spawn(K)
show(akt.reload(nil, { rollback = true }))
change("k", 2)
change("util", 2)
show(akt.reload())
print(k:ask("get"))
show(akt.reload("k", { rollback = true }))
print(k:ask("get"))
print(akt.spawn(K):ask("get"))
print(akt.spawn_opt({ isolate = true }, K):ask("get"))
show(akt.reload("k", { rollback = true }))
show(akt.reload()) -- the files still say so
print(k:ask("get"))
END
file k.lua <<'END'
local akt = require "akt"
local util = require "util"
local K = akt.actor "k"
function K.on:get() return "k1", util.name() end
return K
END
sed 's/"k1"/"k2"/' "$here/k.lua" > "$here/k.2.lua"
echo 'return { name = function() return "u1" end }' > "$here/util.lua"
echo 'return { name = function() return "u2" end }' > "$here/util.2.lua"
run <<'END'
no_version	there is no earlier version of any kind to go back to
k	1 to 2	1	1	0	0
module util
module k
k2	u2
k	2 to 3	1	1	0	0
module util
module k
k1	u1
k1	u1
k1	u1
no_version	there is no earlier version of k to go back to
k	3 to 4	3	3	0	0
module util
module k
k2	u2
END
