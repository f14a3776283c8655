# An actor changes when none of its handlers is in progress: those end in the
# old code, and messages wait meanwhile. What may run beside a handler is that of
# the new version then. A task without an end keeps it in the old code, with its
# messages, but not for ever from its messages.
. tests/lua/reload/support/lib.sh
file k.1.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
K.reentrant = true
function K:init() self.live = 0 end
function K.on:slow(s)
  self.live = self.live + 1
  local live = self.live
  akt.sleep(s)
  self.live = self.live - 1
  return "v1", live
end
function K.on:endless() akt.task(function() while true do akt.sleep(1) end end) end
return K
END
sed 's/v1/v2/; s/reentrant = true/reentrant = { "other" }/' "$here/k.1.lua" > "$here/k.2.lua"
cp "$here/k.1.lua" "$here/k.lua"
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local K = require "k"
local a, b = akt.spawn(K), akt.spawn(K)
b:ask("endless")
local fs = {}
for i = 1, 3 do fs[i] = akt.async(a, "slow", 0.01) end
fs[4] = akt.async(b, "slow", 0.01)
repeat akt.sleep(0.001) until akt.info(a).in_flight == 3
change("k", 2)
akt.spawn(function() akt.reload() end)
for i = 1, 3 do print(fs[i]:wait()) end
repeat local v = a:ask("slow", 0) until v == "v2"
local f, g = akt.async(a, "slow", 0.01), akt.async(a, "slow", 0.01)
print(f:wait())
print(g:wait())
print(fs[4]:wait())
print(akt.within(30, akt.ask, b, "slow", 0.01)) -- it has refused
akt.exit(0)
END
run <<'END'
v1	1
v1	2
v1	3
v2	1
v2	1
v1	1
v1	1
END
grep -q 'has 0 handlers and 1 tasks in progress and cannot be upgraded' "$here/err"
