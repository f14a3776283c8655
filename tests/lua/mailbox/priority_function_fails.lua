-- flags: --sim --seed 8
-- What fails, or gives no priority, is reported once; the message has
-- priority 0 and is not lost.
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { priority = function(tag, n)
  if n == 1 then error("cannot say") end
  if n == 2 then return "high" end
  if n == 3 then return 128 end
  if n == 4 then akt.sleep(1) end
  if n == 5 then akt.send(akt.self(), "x", 100) end
  return n
end }
function K.on:x(n) io.write(n, " ") end
function K.on:wait() akt.sleep(0.2) end
function K.on:done() print() end
local k = akt.spawn(K)
k:send("wait")
akt.sleep(0.05)
for n = 1, 7 do k:send("x", n) end
akt.sleep(0.3)
k:ask("done")
-- expect: 7 6 1 2 3 4 5 
-- expect-err: error[bad_priority]: the priority function of <k#
-- expect-err: failed: tests/lua/mailbox/priority_function_fails.lua:7: cannot say
-- expect-err: this is said once
