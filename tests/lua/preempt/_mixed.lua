-- Helper of the mixed_*.lua tests: actors that are preempted in the middle of
-- everything compute what one computes that is alone.
local akt = require "akt"
local work = require("_work").work

local Worker = akt.actor "worker"
function Worker.on:work(k) return require("_work").work(k) end

return function(n, rounds)
  local me = akt.self()

  local expected = work(rounds)
  for i = 1, n do
    akt.spawn(function() akt.send(me, "done", work(rounds)) end)
  end
  local futures = {}
  local within = akt.within
  akt.within(60, function()
    for i = 1, n do futures[i] = akt.async(akt.spawn(Worker), "work", rounds) end
  end)
  -- and some that loop for ever beside them
  local loops = {}
  for i = 1, 3 do
    loops[i] = akt.spawn(function() while true do pcall(work, 1) end end)
  end
  local same = 0
  for i = 1, n do
    akt.receive({ done = function(h)
      if h == expected then same = same + 1 end
    end }, 60)
  end
  for i = 1, n do
    if futures[i]:wait() == expected then same = same + 1 end
  end
  print(same == 2 * n)
  if not akt.node().simulated then assert(akt.stats().preempts > 0) end
  for _, p in ipairs(loops) do akt.kill(p) end
end
