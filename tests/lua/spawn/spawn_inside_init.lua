-- seeds: 5
-- init may spawn, to any depth.
local akt = require "akt"

local Node = akt.actor "node"
function Node:init(depth)
  if depth > 0 then self.child = akt.spawn(Node, depth - 1) end
end
function Node.on:depth()
  return self.child and self.child:ask("depth") + 1 or 0
end
print(akt.spawn(Node, 20):ask("depth")) -- expect: 20
