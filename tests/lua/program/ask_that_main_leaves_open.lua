-- An ask that main has taken and not answered fails when main is done.
local akt = require "akt"

local main = akt.self()
akt.spawn(function()
  local _, err = akt.try(akt.ask, main, "question")
  print(err.code) -- expect: noproc
end)
assert(akt.receive() == "question")
