-- flags: --sim --seed 4
-- Many actors, one rate: in ten seconds they get ten seconds' worth, in the
-- order in which they came.
local akt = require "akt"
local l = akt.limiter { rate = 100, burst = 10, name = "api" }
local main, got, last = akt.self(), 0, {}
for i = 1, 20 do
  akt.spawn_opt({ isolate = i % 4 == 0 }, function()
    local mine = akt.limiter { name = "api" }
    while true do mine:take(); main:send("got", i) end
  end)
end
local ends = akt.clock() + 10
while akt.clock() < ends do
  akt.try(akt.receive, { got = function(i)
    got = got + 1
    last[i] = (last[i] or 0) + 1
  end }, math.max(0, ends - akt.clock()))
end
print(got >= 1000 and got <= 1011)                  -- expect: true
for i = 1, 20 do assert(last[i] >= 48, last[i]) end
akt.exit(0)
