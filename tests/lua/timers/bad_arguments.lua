local akt = require "akt"
local function bad(f, ...) print((select(2, akt.try(f, ...)).message:match(":%d+: (.*)"))) end
bad(akt.after, -1, "x")
bad(akt.after, "x", "x")
bad(akt.every, 0, "x")
bad(akt.sleep, -1)
print(select(2, akt.try(akt.after, 1, "x", print)).code)
-- expect: seconds must be a number, 0 or more, or like "2m", got -1
-- expect: seconds must be a number, 0 or more, or like "2m", got x
-- expect: every: at least a microsecond is needed
-- expect: seconds must be a number, 0 or more, or like "2m", got -1
-- expect: bad_message
