local akt = require "akt"
local t = akt.topic "t"
local function bad(f, ...)
  local ok, err = pcall(f, ...)
  print(err.code or "plain", (tostring(err.message or err):gsub("^.-:%d+: ", "")))
end
bad(akt.topic)               -- expect: bad_argument	the name of a topic is a string of 1 to 255 bytes, not no value
bad(akt.topic, "")           -- expect: bad_argument	the name of a topic is a string of 1 to 255 bytes, not one of another length
bad(akt.topic, ("x"):rep(256)) -- expect: bad_argument	the name of a topic is a string of 1 to 255 bytes, not one of another length
bad(akt.group.join, 7)       -- expect: bad_argument	the name of a group is a string of 1 to 255 bytes, not number
bad(t.publish, "x", 1)       -- expect: bad_argument	a topic expected, got string: call it with a colon
bad(t.publish, {}, "x")      -- expect: bad_argument	the name of a topic is a string of 1 to 255 bytes, not nil
bad(t.publish, t)            -- expect: plain	bad argument #2 (the tag of a message is a string, got no value)
bad(t.publish, t, "x", print) -- expect: bad_message	argument 3: a function cannot be sent
bad(t.subscribe, t, 5)       -- expect: plain	bad argument #2 (pid or name expected, got number)
bad(t.subscribe, t, "nobody") -- expect: noproc	subscribe: there is no such actor
