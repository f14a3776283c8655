-- Actors come, talk, crash and go, until the node is shut down.
local akt = require "akt"
local Leaf = akt.actor "leaf"
function Leaf.on:hit(n) self.n = (self.n or 0) + n end
function Leaf.on:crash() error("on purpose") end
local Branch = akt.actor "branch"
Branch.supervise = { max = 1e9, within = 1, backoff = { 0, 0 } }
function Branch:init() akt.send(akt.self(), "grow") end
function Branch.on:grow()
  local leaf = akt.spawn_opt({ restart = "permanent" }, Leaf)
  akt.link(akt.spawn_opt({ name = "leaf" .. math.random(1000000) .. tostring(leaf) }, Leaf))
  for i = 1, 5 do leaf:send("hit", i) end
  leaf:send("crash")
  akt.send(akt.self(), "cut", leaf)
end
function Branch.on:cut(leaf)
  akt.try(akt.within, 1, akt.ask, leaf, "hit", 1)
  akt.kill(leaf)
  for _, pid in ipairs(akt.children()) do akt.unlink(pid) akt.stop(pid) end
  akt.send(akt.self(), "grow")
end
for i = 1, 8 do akt.spawn_opt({ name = "branch" .. i }, Branch) end
print("ready")
