local akt = require "akt"
local A = akt.actor "a"
local _, err = akt.try(akt.actor, "a")
print(err.code, err.message:match("defined already, at .*"))
-- expect: kind_exists	defined already, at tests/lua/kinds/names_are_unique.lua:2
for _, bad in ipairs{ "", "a b", "a/b", "a#1", ("x"):rep(65) } do
  print(select(2, pcall(akt.actor, bad)):match("a kind's name has %w+ %w+"))
end
-- expect: a kind's name has 1 to
-- expect: a kind's name has no spaces
-- expect: a kind's name has no spaces
-- expect: a kind's name has no spaces
-- expect: a kind's name has 1 to
