-- flags: --sim --seed 5
-- sender, reply, forward and defer are about the message of the handler that
-- calls them, also after it has waited while others ran.
local akt = require "akt"
local B = akt.actor "b"
function B.on:twice(n, s) return "b" .. 2 * n end
function B.on:fwd(n) return "b" .. n end
local A = akt.actor "a"
A.reentrant = true
function A:init(b) self.b, self.tokens = b, {} end
function A.on:who(s) akt.sleep(s) return akt.sender() end
function A.on:reply(n, s) akt.sleep(s) akt.reply(n) akt.sleep(s) return "too late" end
function A.on:fwd(n, s) akt.sleep(s) akt.forward(self.b) end
function A.on:defer(n, s)
  akt.sleep(s)
  self.tokens[n] = akt.defer()
  if #self.tokens == 3 then
    for i = 1, 3 do self.tokens[i]:reply("token " .. i) end
  end
end
local a = akt.spawn(A, akt.spawn(B))
local me = akt.self()
for i = 3, 1, -1 do
  akt.spawn(function(i)
    local r = { a:ask("who", i / 500) == akt.self(), a:ask("reply", i, i / 500),
                a:ask("fwd", i, i / 500), a:ask("defer", i, i / 500) }
    me:send("r", i, table.unpack(r))
  end, i)
end
local seen = {}
for _ = 1, 3 do
  akt.receive { r = function(i, ...) seen[i] = table.concat({ tostring((...)), select(2, ...) }, " ") end }
end
for i = 1, 3 do print(seen[i]) end
-- expect: true 1 b1 token 1
-- expect: true 2 b2 token 2
-- expect: true 3 b3 token 3
