-- akt.ask knows which answer belongs to which question.
local akt = require "akt"
local Server = akt.actor "server"
function Server.on:square(n)
  akt.sleep(0.045)
  return n * n
end

local server = akt.spawn(Server)
akt.try(akt.within, 0.05, akt.ask, server, "square", 3)
assert(server:ask("square", 4) == 16, "the answer to another question")
local left = akt.try(akt.receive, { result = function(r) return r end }, 1)
assert(left == nil, "an answer is left over")
