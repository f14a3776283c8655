-- Kinds may refer to one another and to themselves.
local akt = require "akt"
local Ping, Pong = akt.actor "ping", akt.actor "pong"
function Ping.on:go(n) return n == 0 and "ping" or akt.spawn(Pong):ask("go", n - 1) end
function Pong.on:go(n) return n == 0 and "pong" or akt.spawn(Ping):ask("go", n - 1) end
local Tree = akt.actor "tree"
function Tree.on:count(depth)
  if depth == 0 then return 1 end
  local a, b = akt.spawn_opt({ isolate = depth % 2 == 0 }, Tree), akt.spawn(Tree)
  return a:ask("count", depth - 1) + b:ask("count", depth - 1) + 1
end
print(akt.spawn(Ping):ask("go", 5))   -- expect: pong
print(akt.spawn(Tree):ask("count", 4)) -- expect: 31
