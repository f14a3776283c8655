-- seeds: 5
local akt = require "akt"
local Idle = akt.actor "idle"
local p = akt.spawn(Idle)
for _, call in ipairs{ akt.send, akt.ask, akt.async } do
  for _, tag in ipairs{ 1, true, {} } do
    local _, err = akt.try(call, p, tag)
    print(err.code, err.message:match("the tag of a message is a string, got %a+"))
  end
end
print(select(2, akt.try(akt.send, p)).message:match("a string, got .*"))
-- expect: error	the tag of a message is a string, got number
-- expect: error	the tag of a message is a string, got boolean
-- expect: error	the tag of a message is a string, got table
-- expect: error	the tag of a message is a string, got number
-- expect: error	the tag of a message is a string, got boolean
-- expect: error	the tag of a message is a string, got table
-- expect: error	the tag of a message is a string, got number
-- expect: error	the tag of a message is a string, got boolean
-- expect: error	the tag of a message is a string, got table
-- expect: a string, got no value)
