-- seeds: 5
-- One without end holds its worker for 100 ms, once, and is given up.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { priority = function(tag, n) while true do end end }
function K.on:x(n) io.write(n, " ") end
function K.on:done() print() end
local k = akt.spawn(K)
for n = 1, 1000 do k:send("x", n % 10) end
akt.within(60, akt.ask, k, "done")
-- the same under a receive
local p = akt.spawn_opt({ mailbox = { priority = function() while true do end end } },
  function()
    for _ = 1, 3 do akt.receive() end
    local _, from = akt.receive()
    akt.send(from, "all")
  end)
for n = 1, 3 do p:send("x", n) end
p:send("from", akt.self())
print(akt.receive(60))
-- expect-any
-- expect-err: ran for 100 ms where it cannot be preempted
-- expect-err: it is not called again, all messages have priority 0
-- expect-err: it is not called again, all messages have priority 0
