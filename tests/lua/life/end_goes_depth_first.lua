-- seeds: 5
-- Children end in reverse order of their start, depth-first, before their
-- parent's terminate; its down comes last.
local akt = require "akt"

local main = akt.self()

local Node = akt.actor "node"
function Node:init(name, depth)
  self.name = name
  if depth > 0 then
    akt.spawn(Node, name .. ".1", depth - 1)
    akt.spawn(Node, name .. ".2", depth - 1)
  end
end
function Node:terminate() main:send("end", self.name) end

local root, ref = akt.spawn_monitor(Node, "n", 2)
root:stop()
local names = {}
akt.receive { down = function(r) assert(r == ref) end }
for _ = 1, 7 do
  local _, name = akt.receive()
  names[#names + 1] = name
end
print(table.concat(names, " "))
-- expect: n.2.2 n.2.1 n.2 n.1.2 n.1.1 n.1 n
