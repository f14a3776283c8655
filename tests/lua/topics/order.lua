-- seeds: 5
-- What one actor publishes arrives in order, also between its sends, on any
-- number of isolates.
local akt = require "akt"
local Sub = akt.actor "sub"
function Sub:init() self.last, self.n = {}, 0; akt.topic("t"):subscribe() end
function Sub.on:x(from, i)
  assert(i == (self.last[from] or 0) + 1, "out of order")
  self.last[from], self.n = i, self.n + 1
end
function Sub.on:n() return self.n end
local Pub = akt.actor "pub"
function Pub.on:run(me, subs, n)
  for i = 1, n do
    if i % 3 == 0 then
      for _, s in ipairs(subs) do s:send("x", me, i) end
    else
      akt.topic("t"):publish("x", me, i)
    end
  end
end
local subs, runs = {}, {}
for i = 1, 200 do subs[i] = akt.spawn(Sub) end
for i = 1, 4 do runs[i] = akt.async(akt.spawn(Pub), "run", i, subs, 99) end
akt.within(60, function() akt.all(table.unpack(runs)) end)
for _, s in ipairs(subs) do assert(s:ask("n") == 4 * 99) end
print "ok"                                       -- expect: ok
