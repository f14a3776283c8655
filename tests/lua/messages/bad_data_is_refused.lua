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
bad(1, { a = { b = function() end } })
bad({ [print] = 1 })
bad(coroutine.create(print))
bad(io.stdout)
local loop = {}
loop.loop = loop
bad(loop)
print(c:ask("get"))
print(akt.try(akt.ask, c, "get", print))
-- expect-any
