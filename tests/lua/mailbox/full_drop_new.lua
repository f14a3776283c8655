-- flags: --sim
-- seeds: 5
-- drop_new: what does not fit is a dead letter; the sender hears it.
local akt = require "akt"
local p = akt.spawn_opt({ mailbox = { max = 2, full = "drop_new" } }, function()
  akt.receive{ go = function() end }
end)
local K = akt.actor "k"
K.mailbox = { max = 2, full = "drop_new" }
function K.on:wait() akt.receive{ go = function() end } end
function K.on:x(i) print(i) end
local k = akt.spawn(K)
k:ask("x", 0)              -- expect: 0
k:send("wait")
while akt.info(k).state ~= "waiting" do akt.sleep(0.001) end
print(k:send("x", 1), k:send("x", 2))  -- expect: true	true
print(k:send("x", 3))                  -- expect: nil	overloaded
print(select(2, akt.try(akt.ask, k, "x", 4)).code) -- expect: overloaded
print(akt.stats().dead_letters.overloaded)         -- expect: 2
