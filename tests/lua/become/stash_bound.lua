-- seeds: 5
-- A stash holds as many messages as the mailbox may; stash raises then.
local akt = require "akt"
local A = akt.actor "a"
A.mailbox = { max = 10 }
function A:init() self.n = 0 end
function A.on:x()
  local ok, err = akt.try(akt.stash)
  if err then self.code = err.code else self.n = self.n + 1 end
end
function A.on:get() return self.n, self.code end
local a = akt.spawn(A)
for _ = 1, 11 do a:send("x") end
print(a:ask("get"))                      -- expect: 10	overloaded
