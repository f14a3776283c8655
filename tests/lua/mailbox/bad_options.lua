local akt = require "akt"
local kinds = 0
local function bad(mailbox)
  kinds = kinds + 1
  local K = akt.actor("k" .. kinds)
  K.mailbox = mailbox
  local _, err = akt.try(akt.spawn, K)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
bad{ max = 0 }
bad{ max = -1 }
bad{ max = "many" }
bad{ full = "maybe" }
bad{ size = 1 }
bad{ priorty = {} }
bad{ priority = 5 }
bad{ priority = print }
bad{ priority = { a = 128 } }
bad{ priority = { a = 0.5 } }
bad{ priority = { a = "1" } }
bad{ priority = { "a" } }
bad{ priority = {}, fair = true }
bad{ fair = 1 }
bad{ ttl = 0 }
bad{ ttl = "soon" }
bad{ ttl = 0.0001 }
local n = 0
local K = akt.actor "captures"
K.mailbox = { priority = function() n = n + 1 return n end }
print((select(2, akt.try(akt.spawn, K)).message:gsub("^.-:%d+: ", "")))
-- expect: bad_option	mailbox max must be 1 or more
-- expect: bad_option	max must be a number, 0 or more, not -1
-- expect: bad_option	max must be a number, 0 or more, not many
-- expect: bad_option	full must be one of "wait", "drop_new", "drop_old", "error", not "maybe"
-- expect: bad_option	mailbox has no option "size"; it has "max", "full", "priority", "fair", "ttl", "signal"
-- expect: bad_option	mailbox has no option "priorty"; did you mean "priority"?
-- expect: bad_option	mailbox priority must be a table { tag = n } or a Lua function (tag, ...) -> n, not a number
-- expect: bad_option	mailbox priority must be a table { tag = n } or a Lua function (tag, ...) -> n, not a C function
-- expect: bad_option	mailbox priority: a must be an integer from -128 to 127, not 128
-- expect: bad_option	mailbox priority: a must be an integer from -128 to 127, not 0.5
-- expect: bad_option	mailbox priority: a must be an integer from -128 to 127, not 1
-- expect: bad_option	mailbox priority: a tag is a string, not a number
-- expect: bad_option	mailbox has priority or fair, not both
-- expect: bad_option	fair must be true or false, not 1
-- expect: bad_option	ttl must be seconds over 0, or like "500ms" or "2m", not 0
-- expect: bad_option	ttl must be seconds over 0, or like "500ms" or "2m", not soon
-- expect: bad_option	mailbox ttl must be from 1 ms to 24 days
-- expect: kind "captures": tests/lua/mailbox/bad_options.lua:29: assigns the captured variable 'n', which all actors of the kind in one isolate would share: move it to self
-- seeds: 5
