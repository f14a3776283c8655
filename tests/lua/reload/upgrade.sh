# `upgrade` works on a copy: what it raises leaves code and state as they were,
# is reported and counted, and is tried again by hand.
. tests/lua/reload/support/lib.sh
file k.1.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
K.version = 1
function K:init(n) self.list = { n } self.again = self.list end
function K.on:get() return "v1", self.list[1], self.list == self.again end
return K
END
file k.2.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
K.version = "2b"
function K:init(n) self.list = { n } self.again = self.list end
function K:upgrade(from)
  self.list[1] = self.list[1] * 10
  self.from = from
  if self.list[1] == 20 then error("twenty") end
end
function K.on:get() return "v2", self.list[1], self.list == self.again, self.from end
return K
END
sed 's/ == 20 / == 0 /' "$here/k.2.lua" > "$here/k.3.lua"
cp "$here/k.1.lua" "$here/k.lua"
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local K = require "k"
local a, b = akt.spawn(K, 1), akt.spawn(K, 2)
change("k", 2)
show(akt.reload())
print(a:ask("get"))
print(b:ask("get"))
show(akt.reload()) -- the same again
change("k", 3)
show(akt.reload("k"))
print(a:ask("get"))
print(b:ask("get"))
print(akt.spawn(K, 5):ask("get"))
END
run <<'END'
k	1 to 2	2	1	1	0
  upgrade runs on a copy of each actor's state
module k
v2	10	true	1
v1	2	true
k	2 to 2	2	1	1	0
  not changed: actors on older versions try again
k	2 to 3	2	2	0	0
  upgrade runs on a copy of each actor's state
module k
v2	100	true	2b
v2	20	true	1
v2	5	true	nil
END
grep -q 'error\[crash\]: <k#[0-9]*> crashed in upgrade' "$here/err"
grep -q 'twenty' "$here/err"
grep -q 'it keeps the old code and state' "$here/err"
