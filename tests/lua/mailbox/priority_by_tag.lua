-- flags: --sim --seed 3
-- Higher first; what is equal keeps its order, also of different senders
-- (GoAkt's priority mailbox does not); no tag in the table: 0.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { priority = { urgent = 10, late = -1, first = 127, last = -128 } }
for _, tag in ipairs { "urgent", "late", "first", "last" } do
  K.on[tag] = function(_, n) io.write(n, " ") end
end
function K.on:plain(n) io.write(n, " ") end
function K.on:wait() akt.sleep(1) end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.1)
local tags = { "last", "late", "plain", "urgent", "first" }
local function send(tag, n) k:send(tag, tag .. n) end
for i = 1, 4 do
  for _, tag in ipairs(tags) do
    if i % 2 == 0 then send(tag, i) else akt.spawn(function() send(tag, i) end) end
  end
  akt.sleep(0.01)
end
akt.sleep(2)
print()
-- expect: first1 first2 first3 first4 urgent1 urgent2 urgent3 urgent4 plain1 plain2 plain3 plain4 late1 late2 late3 late4 last1 last2 last3 last4 
