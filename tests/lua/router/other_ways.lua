-- seeds: 5
-- Messages that come by a name, a timer or a forward reach a routee too, with
-- their sender and their asker.
local akt = require "akt"
local W = akt.actor "worker"
function W:init(main) self.main = main end
function W.on:tick(n) self.main:send("ticked", n, akt.self()) end
function W.on:who() return akt.sender() == self.main end

local Desk = akt.actor "desk"
function Desk:init(router) self.router = router end
function Desk.on:who() akt.forward(self.router) end

for _, strategy in ipairs { "round_robin", "consistent_hash", "broadcast",
                            "scatter_gather", "tail_chopping" } do
  local key = strategy == "consistent_hash" and function() return 1 end or nil
  local r = akt.router { strategy = strategy, kind = W, size = 2, key = key,
                         args = { akt.self() }, name = "pool" }
  local per = (strategy == "broadcast" or strategy == "scatter_gather") and 2 or 1
  akt.after_opt(0.001, "tick", 1, { to = r })
  local from
  for i = 1, per do
    akt.receive { ticked = function(_, pid) assert(pid ~= r) end }
  end
  local answer = akt.ask(akt.spawn(Desk, r), "who")
  print(strategy, type(answer) == "table" and #answer or answer,
        akt.whereis("pool") == r)
  local ref = akt.monitor(r)
  akt.stop("pool")
  akt.receive { down = function() end }
end
-- expect: round_robin	true	true
-- expect: consistent_hash	true	true
-- expect: broadcast	2	true
-- expect: scatter_gather	false	true
-- expect: tail_chopping	false	true
