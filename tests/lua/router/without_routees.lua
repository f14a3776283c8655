-- seeds: 5
-- A router outlives its last routee: sends and asks say noroutee, and a resize
-- brings it back (GoAkt's routers end with their last routee).
local akt = require "akt"
local W = akt.actor "worker"
function W.on:work() return "done" end
function W.on:boom() error "boom" end

local r = akt.router { strategy = "round_robin", kind = W, size = 2,
                       supervise = { max = 0 } }
for _, pid in ipairs(r:routees()) do
  local ref = akt.monitor(pid)
  akt.try(akt.ask, pid, "boom")
  akt.receive { down = function() end }
end
print(#r:routees(), akt.alive(r))            -- expect: 0	true
print(r:send("work"))                        -- expect: nil	noroutee
print(select(2, akt.try(akt.ask, r, "work")).code) -- expect: noroutee
print(akt.stats().dead_letters.noroutee)     -- expect: 2
print(r:resize(2), r:ask("work"))            -- expect: 2	done

for _, strategy in ipairs { "broadcast", "scatter_gather", "tail_chopping" } do
  local one = akt.spawn(W)
  local r = akt.router { strategy = strategy, routees = { one } }
  local ref = akt.monitor(one)
  akt.stop(one)
  akt.receive { down = function() end }
  print(r:send("work"))
  print(select(2, akt.try(akt.ask, r, "work")).code)
end
-- expect: nil	noroutee
-- expect: noroutee
-- expect: nil	noroutee
-- expect: noroutee
-- expect: nil	noroutee
-- expect: noroutee
-- expect-err: boom
