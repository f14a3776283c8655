-- seeds: 5
-- What cannot travel raises in the sender, with the path to it, and nothing
-- is sent.
local akt = require "akt"
local Counter = akt.actor "counter"
function Counter:init() self.n = 0 end
function Counter.on:inc() self.n = self.n + 1 end
function Counter.on:get() return self.n end
local c = akt.spawn(Counter)
local function bad(...)
  local ok, err = akt.try(akt.send, c, "inc", ...)
  print(ok, err.code, (err.message:gsub("^.-:%d+: ", "")))
end
bad(print)
-- expect: nil	bad_message	argument 3: a function cannot be sent
bad(1, { a = { b = function() end } })
-- expect: nil	bad_message	argument 4: ["a"]["b"]: a function cannot be sent
bad({ [print] = 1 })
-- expect: nil	bad_message	argument 3: {key}: a function cannot be sent
bad(coroutine.create(print))
-- expect: nil	bad_message	argument 3: a coroutine cannot be sent
bad(io.stdout)
-- expect: nil	bad_message	argument 3: a userdata cannot be sent
print(c:ask("get")) -- expect: 0
