-- seeds: 5
-- Many senders, a small mailbox: nothing is lost, order is kept per sender.
local akt = require "akt"
local R = akt.actor "r"
R.mailbox = { max = 8 }
function R:init() self.last, self.n, self.bad = {}, 0, 0 end
function R.on:x(who, i)
  if i ~= (self.last[who] or 0) + 1 then self.bad = self.bad + 1 end
  self.last[who] = i
  self.n = self.n + 1
end
function R.on:get() return self.n, self.bad end
local r = akt.spawn(R)
local refs = {}
for who = 1, 10 do
  akt.spawn_monitor(function(r, who)
    for i = 1, 200 do r:send("x", who, i) end
  end, r, who)
end
for _ = 1, 10 do akt.receive{ down = function() end } end
print(r:ask("get"))   -- expect: 2000	0
