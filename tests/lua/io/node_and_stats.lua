-- flags: --sim --seed 9 --name here
-- args: one two --three
local akt = require "akt"
print(#akt.args, akt.args[1], akt.args[3], ...)      -- expect: 3	one	--three	one	two	--three
local n = akt.node()
print(n.name, n.workers, n.simulated, n.seed)        -- expect: here	1	true	9
local K = akt.actor "k"
function K.on:get() end
local k = akt.spawn(K)
local before = akt.stats()
k:ask("get") k:send("get")
local s = akt.stats()
print(s.sent - before.sent, s.replies - before.replies, s.spawned - before.spawned) -- expect: 2	1	0
for _, key in ipairs{ "actors", "isolates", "turns", "crashes", "restarts", "memory", "uptime" } do
  assert(type(s[key]) == "number", key)
end
