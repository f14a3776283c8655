-- A client gives up on its first question and takes the answer to it for that
-- to the second.
local akt = require "akt"
local Server = akt.actor "server"
function Server.on:square(n, from)
  akt.sleep(0.045)
  from:send("result", n * n)
end

local server = akt.spawn(Server)
local function ask(n)
  server:send("square", n, akt.self())
  return akt.receive({ result = function(r) return r end }, 0.05)
end
akt.try(ask, 3)
akt.try(function()
  server:send("square", 4, akt.self())
  local r = akt.receive({ result = function(r) return r end }, 5)
  assert(r == 16, "the answer to another question")
end)
local left = akt.try(akt.receive, { result = function(r) return r end }, 1)
assert(left == nil, "an answer is left over")
