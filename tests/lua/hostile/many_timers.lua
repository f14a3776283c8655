-- A million timers, cancelled; as many that fire; one that is due all the
-- time and floods an actor that never reads.
local akt = require "akt"
local n = os.getenv "AKT_TEST_SANITIZER" ~= "" and 1e5 or 1e6
local t = {}
for i = 1, n do t[i] = akt.after(100 + i % 1000, "x") end
for i = 1, n do assert(t[i]:cancel()) end
assert(not t[1]:cancel())
local deaf = akt.spawn_opt({ mailbox = { max = 100 } }, function() akt.sleep(60) end)
local p = akt.spawn(function()
  for _ = 1, 100 do akt.every_opt(1e-6, "tick", { to = deaf }) end
  akt.sleep(60)
end)
akt.sleep(0.3)
print(akt.info(deaf).mailbox <= 200) -- expect: true
akt.kill(p)
print(akt.info(akt.self()).mailbox) -- expect: 0
akt.exit()
