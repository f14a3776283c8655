-- scatter_gather and tail_chopping wait in the asker, nowhere else: while slow
-- asks are under way, the router and other askers go on (in GoAkt both block
-- the router until they end).
local akt = require "akt"
local W = akt.actor "worker"
function W.on:work(s) akt.sleep(s); return s end
W.reentrant = nil

local Asker = akt.actor "asker"
function Asker.on:ask(router, s) return router:ask("work", s) end

for _, strategy in ipairs { "scatter_gather", "tail_chopping" } do
  local slow, quick = {}, {}
  for i = 1, 4 do slow[i] = akt.spawn(W) end
  local r = akt.router { strategy = strategy, routees = slow, within = 100,
                         interval = strategy == "tail_chopping" and 30 or nil }
  local asker = akt.spawn(Asker)
  akt.within(200, function()
    local f = akt.async(asker, "ask", r, 50)
    -- the router answers at once, and so do those who do not ask it
    local t = akt.clock()
    print(strategy, #r:routees(), (pcall(r.resize, r, 2)))
    print(akt.clock() - t < 1, f:done())
    print(f:wait())
  end)
end
-- flags: --sim --seed 1
-- expect: scatter_gather	4	false
-- expect: true	false
-- expect: 50
-- expect: tail_chopping	4	false
-- expect: true	false
-- expect: 50
